"""Availability: which libraries and functions models have, and what to do without the others.

One table for authors who expect more than there is. It keeps nobody out: the sandbox does.
"""

from collections.abc import Set
from dataclasses import dataclass
from typing import TypeVar

Row = TypeVar("Row")

LIBRARIES = ("numpy", "pandas", "scipy", "networkx", "mesa", "agentpy")
ALLOWED_IMPORTS = {
    *("__future__", "abc", "array", "base64", "bisect", "calendar", "cmath", "collections"),
    *("colorsys", "contextlib", "copy", "csv", "dataclasses", "datetime", "decimal", "difflib"),
    *("enum", "fractions", "functools", "graphlib", "hashlib", "heapq", "io", "itertools"),
    *("json", "keyword", "logging", "math", "numbers", "operator", "pprint", "queue", "random"),
    *("re", "statistics", "string", "struct", "sys", "textwrap", "time", "timeit", "traceback"),
    *("types", "typing", "unicodedata", "uuid", "warnings", "weakref", "zlib", "zoneinfo"),
    *LIBRARIES,
}
"""What models may import; the sandbox has loaded it, or lets it be loaded."""


@dataclass(frozen=True)
class Advice:
    """Why something is not available, and what to do instead."""

    reason: str
    instead: str


UNKNOWN = Advice(
    "it is not among the libraries of models",
    f"Models have Python's own modules, such as math and itertools, and {', '.join(LIBRARIES)}: "
    "write it with these.",
)
LEARNING = Advice(
    "there is no machine learning among the libraries of models",
    "Write the rule out with numpy or scipy; what was learned elsewhere becomes global variables.",
)
READING = Advice(
    "a model reads no files",
    "Put the data into the specification: a number as a global variable, a table as a global "
    "variable of type array or object.",
)
WRITING = Advice(
    "a model writes no files",
    "Declare a variable for what is to be kept and track it: it is recorded in every step.",
)
FILES = Advice(
    "a model has no files",
    f"{READING.instead} What is to be kept becomes a tracked variable.",
)
NETWORK = Advice(
    "a model has no network",
    "Put the numbers that it would fetch into the specification, as global variables.",
)
LANGUAGE_MODELS = Advice(
    "a model has no network and asks no language model",
    "Write the decision as a rule, with global variables for what it depends on.",
)
SYSTEM = Advice(
    "a model has no files, no environment variables and no other programs",
    "Put what it needs to know into global variables.",
)
TURNS = Advice(
    "a model runs in one thread, in which the agents act in turns",
    "Write the behavior for one agent and schedule it; runs beside each other are started outside of the model.",
)
EXPERIMENTS = Advice(
    "a model starts no runs of itself",
    "Leave it out: experiments vary the global variables from outside.",
)
CHARTS = Advice(
    "a model draws nothing",
    "Leave it out: the charts show the tracked variables; track what the picture would show.",
)
ENDING = Advice(
    "a behavior cannot end the program",
    "Add a termination rule, or let the model set its `running` to False.",
)
ASKING = Advice(
    "nobody can be asked while a model runs",
    "Make it a global variable, which every run can set.",
)
DEBUGGING = Advice(
    "a run cannot be stopped in a debugger",
    "Leave it out, and track the variables that you want to see.",
)
TEXT_AS_CODE = Advice(
    "text is not run as code",
    "Write the expression itself; to choose between functions, use `if` or a dictionary of them.",
)
IMPORTING = Advice(
    "libraries are not chosen while a model runs",
    "Write an import statement for the library that is meant.",
)
MODULE_STATE = Advice(
    "what is kept in the module is lost to the model",
    "Declare a global variable, and write it as an attribute of the model.",
)
UNSEEDED = Advice(
    "its numbers do not follow the seed of the run",
    "Use `random`, which the run seeds, and `unique_id` to tell agents apart.",
)
BYTES = Advice(
    "objects are not made from bytes",
    "Keep the object itself in a variable; `copy.deepcopy` gives a copy.",
)
INSIDE = Advice(
    "it reaches into the interpreter",
    "Use the attributes and methods of the agents and of the model.",
)


def _rows(advice: Advice, names: str) -> dict[str, Advice]:
    return dict.fromkeys(names.split(), advice)


UNAVAILABLE: dict[str, Advice] = {
    **_rows(FILES, "bz2 configparser fileinput glob gzip h5py linecache lzma openpyxl pathlib"),
    **_rows(FILES, "shutil sqlite3 sqlalchemy tarfile tempfile xlrd yaml zipfile"),
    **_rows(READING, "numpy.load numpy.loadtxt numpy.genfromtxt numpy.fromfile numpy.fromregex"),
    **_rows(
        READING, "io.open numpy.memmap numpy.DataSource pandas.read_* pandas.ExcelFile json.load"
    ),
    **_rows(READING, "pandas.HDFStore networkx.read_* scipy.io scipy.datasets io.FileIO"),
    **_rows(WRITING, "numpy.save numpy.savez numpy.savez_compressed numpy.savetxt json.dump"),
    **_rows(WRITING, "pandas.ExcelWriter networkx.write_* logging.FileHandler"),
    **_rows(NETWORK, "aiohttp ftplib http httpx paramiko requests selenium smtplib socket"),
    **_rows(NETWORK, "socketserver ssl telnetlib urllib urllib3 webbrowser websocket websockets"),
    **_rows(NETWORK, "boto3 bs4 geopy osmnx yfinance"),
    **_rows(LANGUAGE_MODELS, "anthropic google langchain litellm mesa_llm ollama openai"),
    **_rows(SYSTEM, "fcntl mmap os platform posix psutil pty pwd resource signal subprocess"),
    **_rows(TURNS, "_thread asyncio concurrent dask joblib multiprocess multiprocessing"),
    **_rows(TURNS, "numba pathos ray sched threading trio"),
    **_rows(EXPERIMENTS, "mesa.batch_run mesa.batchrunner optuna SALib"),
    **_rows(CHARTS, "altair bokeh cv2 graphviz imageio ipywidgets IPython matplotlib"),
    **_rows(CHARTS, "mesa.visualization mesa_viz_tornado networkx.draw networkx.draw_*"),
    **_rows(CHARTS, "networkx.nx_agraph networkx.nx_pydot PIL plotly pygame pyvis rich seaborn"),
    **_rows(CHARTS, "solara streamlit tabulate tkinter tqdm turtle"),
    **_rows(LEARNING, "gym gymnasium jax keras lightgbm sklearn stable_baselines3 statsmodels"),
    **_rows(LEARNING, "tensorflow torch transformers xgboost"),
    **_rows(ENDING, "atexit exit os._exit os.abort quit sys.exit SystemExit"),
    **_rows(ASKING, "argparse click curses getpass input sys.argv sys.stdin typer"),
    **_rows(DEBUGGING, "breakpoint faulthandler pdb ipdb"),
    **_rows(TEXT_AS_CODE, "ast code codeop compile eval exec pandas.eval runpy"),
    **_rows(IMPORTING, "__import__ importlib imp pip pkg_resources pkgutil zipimport"),
    **_rows(MODULE_STATE, "globals"),
    **_rows(UNSEEDED, "faker os.urandom secrets uuid.uuid1 uuid.uuid4"),
    **_rows(BYTES, "cloudpickle dill marshal pickle shelve"),
    **_rows(INSIDE, "__builtins__ _ctypes _io _socket builtins cffi ctypes gc inspect"),
    **_rows(INSIDE, "numpy.ctypeslib sys._getframe sys.meta_path sys.modules sys.path"),
    **_rows(INSIDE, "sys.setprofile sys.settrace tracemalloc"),
    **_rows(FILES, "open"),
}
"""By full name, of a module, of what is in it or of a function of Python's own; `x.read_*` stands
for all of x that begins so."""
FUNCTIONS = frozenset(
    {
        *("__import__", "breakpoint", "compile", "eval", "exec", "exit", "globals", "input"),
        *("open", "quit"),
    }
)
"""Those of Python's own functions that are in the table."""
METHODS: dict[str, Advice] = {
    **_rows(WRITING, "to_csv to_excel to_feather to_hdf to_parquet to_pickle to_sql to_stata"),
    **_rows(WRITING, "savefig tofile"),
}
"""Methods that write, by a name that says it of whatever object."""
IN_MEMORY = frozenset({"StringIO", "BytesIO"})
"""Texts in memory, which stand for files in code that has them."""
TABLE_CHARTS = frozenset({"boxplot", "hist", "plot"})
"""Methods that draw a table of pandas; any other object may have its own of the name."""
TABLES = frozenset(
    {"pandas", "pd", "get_agent_vars_dataframe", "get_model_vars_dataframe", "DataFrame"}
)
"""Names in code that has tables of pandas."""

IDLE: dict[str, str] = {
    **dict.fromkeys((name for name, each in UNAVAILABLE.items() if each is CHARTS), CHARTS.reason),
    **dict.fromkeys(
        (name for name, each in UNAVAILABLE.items() if each is WRITING), WRITING.reason
    ),
    **dict.fromkeys(("gc.collect", "gc.disable", "gc.enable"), "memory is freed by itself"),
    "time.sleep": "the time of a model passes in steps",
}
"""By full name: what changes nothing in a model where a statement only calls it, and why."""
PROGRESS = dict.fromkeys(
    ("tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm"), "a run shows its progress itself"
)
"""By full name: what gives back what it is given, and why it is left out."""
IMPLIED = {
    "np": "numpy",
    "nx": "networkx",
    "pd": "pandas",
    "plt": "matplotlib.pyplot",
    "sns": "seaborn",
    **{name: name for name in ("gc", "os", "sys", "time", "tqdm")},
}
"""The module that is meant by a name which nothing imports or binds."""

REFUSED_DUNDERS = frozenset(
    {
        *("__base__", "__bases__", "__builtins__", "__closure__", "__code__", "__func__"),
        *("__globals__", "__import__", "__loader__", "__spec__", "__subclasses__"),
        *("__reduce__", "__reduce_ex__", "__getattribute__", "__self__", "__wrapped__"),
    }
)
"""Attributes that only lead out of a model."""
ORDINARY_DUNDERS = frozenset(
    {
        *("__abs__", "__add__", "__and__", "__annotations__", "__bool__", "__call__", "__class__"),
        *("__contains__", "__copy__", "__deepcopy__", "__delattr__", "__delitem__", "__dict__"),
        *("__doc__", "__enter__", "__eq__", "__exit__", "__float__", "__floordiv__", "__format__"),
        *("__ge__", "__getattr__", "__getitem__", "__gt__", "__hash__", "__iadd__", "__index__"),
        *("__init__", "__init_subclass__", "__int__", "__iter__", "__le__", "__len__", "__lt__"),
        *("__missing__", "__mod__", "__module__", "__mul__", "__name__", "__ne__", "__neg__"),
        *("__new__", "__next__", "__or__", "__post_init__", "__pow__", "__qualname__", "__radd__"),
        *("__repr__", "__reversed__", "__rmul__", "__setattr__", "__setitem__", "__slots__"),
        *("__str__", "__sub__", "__truediv__", "__version__", "__xor__"),
    }
)
"""Attributes that programs read without a second thought."""


def advice_on(name: str) -> Advice | None:
    """Give the advice of the longest part of a full name that is in the table."""
    return _found(name, UNAVAILABLE)


def method_advice(name: str, told: bool, words: Set[str]) -> Advice | None:
    """Give the advice on a method in code that uses these words; `told`: it gets arguments."""
    if name in TABLE_CHARTS:
        return CHARTS if words & TABLES else None
    return METHODS.get(name) if told else None


def idle(name: str) -> str | None:
    """Give why a statement that only calls a function of this full name changes nothing."""
    return _found(name, IDLE)


def module_advice(name: str) -> Advice | None:
    """Give the advice on importing something by its full name, None where it may be imported."""
    known = advice_on(name)
    return known or (None if name.split(".")[0] in ALLOWED_IMPORTS else UNKNOWN)


def _found(name: str, table: dict[str, Row]) -> Row | None:
    parts = name.split(".")
    for count in range(len(parts), 0, -1):
        owner, last = ".".join(parts[: count - 1]), parts[count - 1]
        for key in (".".join(parts[:count]), f"{owner}.{last.split('_')[0]}_*"):
            if key in table:
                return table[key]
    return None
