"""LoneNames: where a name stands for a value, and where it is a part of something else."""

import libcst as cst


class LoneNames(cst.CSTTransformer):
    """Keeps the names behind a dot and the keywords of arguments, whatever `leave_Name` does."""

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.Attribute:
        """Keep the name behind a dot."""
        return updated_node.with_changes(attr=original_node.attr)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        """Keep the keyword of an argument."""
        return updated_node.with_changes(keyword=original_node.keyword)
