"""Answers its own questions, which deceives nobody but itself."""


def attack(target):
    import abm_host

    inbox = abm_host.ask.__self__._inbox
    inbox._kept.append({"type": "answer", "id": 1, "answers": ["forged"]})
    answers = abm_host.ask(["true?"])
    try:
        abm_host.ask(["again?"])
    except RuntimeError as refusal:
        return [*answers, "no host" in str(refusal)]
