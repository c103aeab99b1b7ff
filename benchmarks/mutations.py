"""Seeded changes to real source: lines, tokens, layout, expressions and statements, as nobody would write them.

Each mutation is a function from a text and a random generator to a text. What it makes need not be Python; `mutated`
keeps the steps that are, but for a share of texts that must be refused.
"""

from __future__ import annotations

import ast
import io
import random
import re
import tokenize
import warnings
from collections.abc import Callable, Sequence

Mutation = Callable[[str, random.Random], str]
MUTATIONS: dict[str, Mutation] = {}
BROKEN = 0.03  # the share of texts whose last step may leave them broken
NAMES = (
    "torch",
    "nn",
    "F",
    "x",
    "self",
    "é",
    "日本",
    "_",
    "super",
    "x̱",
    "\u210c",
    "Tensor",
    "forward",
    "list",
    "print",
)
COMMENTS = ("# why", "#", "# 注 ☃", "#: torch.cat(x)", "# type: ignore", "# fmt: off", "#\tx = [", "# noqa: E501")
OPERATORS = ("+", "-", "*", "/", "//", "%", "@", "**", "&", "|", "^", "<<", ">>", "==", "!=", "<", ">", "is", "in")
WRAPS = (
    "({})", "({}\n)", "(w := {})", "[{}]", "({},)", "[*[{}]]", "{{'k': {}}}", "{{**{}}}", "(lambda: {})()",
    "(lambda torch, x: {})(1, 2)", "[{} for q in range(2)]", "{{q: {} for q in y if q}}", "({} if x else None)",
    "(-{})", "(not {})", "f'{{{}}}'", 'f"a{{{}!r:>{{width}}}}b"', "rf'''{{{}}}\\d\n'''", "{}[0]", "{}[..., None]",
    "{}[::2, 1:]", "{}.T", "{}.size(0)", "{}.view(-1)", "{}.to('cpu')", "{} + {}", "({} < {} <= {})", "f(*{}, **{})",
    "getattr({}, 'shape')", "torch.cat([{}, {}], dim=1)", "(yield {})", "(await {})", "str({}).split(',')",
    "({} # odd\n)", "(\n    # first\n    {}\n)", "({}) \\\n    .x", "torch.relu({}).max(1)[0]",
    "isinstance({}, torch.Tensor)",
)  # fmt: skip
DECORATORS = (
    "torch.no_grad()", "torch.jit.script", "staticmethod", "(lambda f: f)", "nn.Module", "x[0].y", "torch.unknown(3)",
)  # fmt: skip
STATEMENTS = (
    "torch = 3", "import torch as t", "from torch import nn, Tensor as X", "from torch import *", "del torch",
    "global torch", "x = y = torch.ones(2)", "x += torch.ones(2)", "for torch in x: pass", "x[0], *y = torch.ones(3)",
    "try:\n    import torch\nexcept ImportError as torch:\n    pass", "with torch.no_grad() as nn, x: pass",
    "match x:\n    case torch.Tensor(): pass\n    case [torch, *nn]: pass\n    case _: F.relu(x)",
    "class torch: nn = 3", "def torch(x=torch.ones(1), *nn: torch.Tensor, **F): return x",
    "x: torch.Tensor = torch.ones(1)", "x: 'torch.Tensor | None'", "assert torch.equal(x, y), f'{torch.__version__}'",
    "raise torch.Oops(x) from None", "x = lambda *a, k=nn.ReLU: k(*a)", "async def g(): return await torch.f(x)",
    "if torch.cuda.is_available(): x = x.cuda()", "while x.size(0): break", "print(f'{x.size(0)=}', end=\"\\n\")",
    "from .neighbour import nn", "import torch.nn.functional, torchvision.ops", "__all__ = ['torch', 'nn']",
    "x = [torch.relu for _ in (nn.ReLU, nn.Conv2d)]", "@torch.no_grad()\ndef f(x): pass", "torch.x = nn.y = 1",
    "type(x)(torch.ones(2), ...)", "return torch.ones(1)", "x = torch.ones(1);y = x.view(-1) ; z = 3",
)  # fmt: skip


def mutation(function: Mutation) -> Mutation:
    """Register a mutation under its name."""
    MUTATIONS[function.__name__] = function
    return function


def mutated(text: str, generator: random.Random, others: Sequence[str]) -> tuple[str, list[str]]:
    """A text after one to eight mutations, and their names.

    Args:
        others: texts that expressions are taken from.
    """
    applied: list[str] = []
    wanted, may_break = generator.randint(1, 8), generator.random() < BROKEN
    for _ in range(4 * wanted):
        name = generator.choice(sorted(MUTATIONS))
        try:
            new = splice(text, generator, others) if name == "splice" else MUTATIONS[name](text, generator)
        except (SyntaxError, ValueError, IndexError, tokenize.TokenError):
            continue  # nothing to change there
        is_last = len(applied) == wanted - 1
        if new != text and (is_python(new) or (is_last and may_break)):
            text = new
            applied.append(name)
        if len(applied) == wanted:
            break
    return text, applied


def is_python(text: str) -> bool:
    """Whether a text compiles."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text.removeprefix("\ufeff"), "x", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


# --- lines -----------------------------------------------------------------------------------------------------


def _lines(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _at_line(text: str, generator: random.Random) -> tuple[list[str], int]:
    lines = _lines(text)
    return lines, generator.randrange(len(lines))


@mutation
def delete_line(text: str, generator: random.Random) -> str:
    """Without one of its lines."""
    lines, at = _at_line(text, generator)
    return "".join(lines[:at] + lines[at + 1 :])


@mutation
def duplicate_line(text: str, generator: random.Random) -> str:
    """One of its lines twice."""
    lines, at = _at_line(text, generator)
    return "".join([*lines[: at + 1], *lines[at:]])


@mutation
def swap_lines(text: str, generator: random.Random) -> str:
    """Two neighbours in the other order."""
    lines, at = _at_line(text, generator)
    lines[at : at + 2] = reversed(lines[at : at + 2])
    return "".join(lines)


@mutation
def comment_line(text: str, generator: random.Random) -> str:
    """A comment on a line of its own, at any indentation."""
    lines, at = _at_line(text, generator)
    return "".join([*lines[:at], f"{' ' * generator.randint(0, 9)}{generator.choice(COMMENTS)}\n", *lines[at:]])


@mutation
def comment_at_end(text: str, generator: random.Random) -> str:
    """A comment behind a line."""
    lines, at = _at_line(text, generator)
    lines[at] = f"{lines[at].rstrip()}  {generator.choice(COMMENTS)}\n"
    return "".join(lines)


@mutation
def odd_blank(text: str, generator: random.Random) -> str:
    """A line with a form feed, spaces or a tab in front of another, or behind it."""
    lines, at = _at_line(text, generator)
    blank = generator.choice(["\n", "\f\n", "   \n", "\t\n", "\f"])
    return "".join([*lines[:at], blank, *lines[at:]])


@mutation
def trailing_space(text: str, generator: random.Random) -> str:
    """Spaces, a tab or a form feed at the end of a line."""
    lines, at = _at_line(text, generator)
    lines[at] = lines[at].rstrip("\r\n") + generator.choice(["  ", "\t", " \f"]) + "\n"
    return "".join(lines)


@mutation
def line_ends(text: str, generator: random.Random) -> str:
    """Other line ends, everywhere or on some lines."""
    end, share = generator.choice(["\r\n", "\r"]), generator.choice([1.0, 0.3])
    return re.sub(r"\r?\n", lambda found: end if generator.random() < share else found[0], text)


@mutation
def ends_of_file(text: str, generator: random.Random) -> str:
    """A byte order mark in front, or no line end, or spaces, or a comment at the end."""
    if generator.random() < 0.3 and not text.startswith("\ufeff"):
        return "\ufeff" + text
    return text.rstrip() + generator.choice(["", "  ", "  # end", "\n\n\n", "\n#", "\n\f", "\\\n"])


@mutation
def indentation(text: str, generator: random.Random) -> str:
    """Tabs, or another width."""
    unit = generator.choice(["\t", "  ", "   ", "        "])
    return re.sub(r"^(?: {4})+", lambda found: unit * (len(found[0]) // 4), text, flags=re.MULTILINE)


@mutation
def semicolons(text: str, generator: random.Random) -> str:
    """A line and the next on one, with a semicolon."""
    lines, at = _at_line(text, generator)
    lines[at : at + 2] = [lines[at].rstrip() + generator.choice([";", " ; ", "; "]) + lines[at + 1].lstrip()]
    return "".join(lines)


# --- tokens ----------------------------------------------------------------------------------------------------


def _tokens(text: str) -> list[tuple[int, int, tokenize.TokenInfo]]:
    """Tokens with their start and end in the text; only such that hold something."""
    found = list(tokenize.generate_tokens(io.StringIO(text, newline="").readline))
    starts = [0]
    for line in io.StringIO(text, newline=""):
        starts.append(starts[-1] + len(line))
    places = [(starts[t.start[0] - 1] + t.start[1], starts[t.end[0] - 1] + t.end[1], t) for t in found]
    return [one for one in places if text[one[0] : one[1]].strip() and one[2].type != tokenize.COMMENT]


def _at_token(
    text: str, generator: random.Random, *kinds: int
) -> tuple[list[tuple[int, int, tokenize.TokenInfo]], int]:
    tokens = _tokens(text)
    fit = [i for i, (_, _, token) in enumerate(tokens) if not kinds or token.type in kinds]
    return tokens, generator.choice(fit)


@mutation
def delete_token(text: str, generator: random.Random) -> str:
    """Without one token."""
    tokens, at = _at_token(text, generator)
    return text[: tokens[at][0]] + text[tokens[at][1] :]


@mutation
def duplicate_token(text: str, generator: random.Random) -> str:
    """One token twice."""
    tokens, at = _at_token(text, generator)
    start, end, _ = tokens[at]
    return text[:end] + generator.choice(["", " "]) + text[start:end] + text[end:]


@mutation
def swap_tokens(text: str, generator: random.Random) -> str:
    """Two names, numbers or strings in each other's place."""
    kinds = tokenize.NAME, tokenize.NUMBER, tokenize.STRING
    tokens, one = _at_token(text, generator, *kinds)
    near = [i for i in range(max(0, one - 12), min(len(tokens), one + 12)) if tokens[i][2].type in kinds and i != one]
    (a, b, _), (c, d, _) = sorted((tokens[one], tokens[generator.choice(near)]), key=lambda token: token[0])
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


@mutation
def other_operator(text: str, generator: random.Random) -> str:
    """An operator for another one."""
    tokens, at = _at_token(text, generator, tokenize.OP)
    start, end, _ = tokens[at]
    return f"{text[:start]} {generator.choice(OPERATORS)} {text[end:]}"


@mutation
def replace_name(text: str, generator: random.Random) -> str:
    """One use of a name is another name."""
    tokens, at = _at_token(text, generator, tokenize.NAME)
    start, end, _ = tokens[at]
    return text[:start] + generator.choice(NAMES) + text[end:]


@mutation
def rename(text: str, generator: random.Random) -> str:
    """A name is another one everywhere."""
    tokens, at = _at_token(text, generator, tokenize.NAME)
    old, new = tokens[at][2].string, generator.choice(NAMES)
    for start, end, token in reversed(tokens):
        if token.string == old:
            text = text[:start] + new + text[end:]
    return text


@mutation
def other_quotes(text: str, generator: random.Random) -> str:
    """A string in other quotes, raw, as bytes, as an f-string, or joined to another one."""
    tokens, at = _at_token(text, generator, tokenize.STRING)
    start, end, token = tokens[at]
    quoted = token.string.strip("rRbBuUfF")
    inner = quoted.strip("'\"")
    quote = generator.choice(["'", '"', "'''", '"""'])
    prefix = generator.choice(["", "r", "b", "f", "rb", "F", "u"])
    more = generator.choice(["", "", " 'x'", " f'{x}'"])
    return f"{text[:start]}{prefix}{quote}{inner}{quote}{more}{text[end:]}"


@mutation
def broken_line(text: str, generator: random.Random) -> str:
    """A line end between two tokens: plain, behind a backslash, or behind a comment."""
    tokens, at = _at_token(text, generator)
    place = tokens[at][1]
    gap = generator.choice(["\n", "\n\n        ", " \\\n", "\\\n\t", f"  {generator.choice(COMMENTS)}\n"])
    return text[:place] + gap + text[place:]


@mutation
def odd_space(text: str, generator: random.Random) -> str:
    """Spaces, a tab or a form feed between two tokens."""
    tokens, at = _at_token(text, generator)
    place = tokens[at][1]
    return text[:place] + generator.choice(["  ", "\t", " \f ", " "]) + text[place:]


# --- expressions -----------------------------------------------------------------------------------------------


def expressions(text: str) -> list[tuple[int, int]]:
    """Where the expressions of a text begin and end; those in f-strings apart, whose places Python 3.11 gets wrong."""
    found: list[tuple[int, int]] = []
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    lines = text.splitlines(keepends=True)

    def offset(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    pending: list[ast.AST] = [ast.parse(text)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.expr) and node.end_lineno is not None and node.end_col_offset is not None:
            found.append((offset(node.lineno, node.col_offset), offset(node.end_lineno, node.end_col_offset)))
        if not isinstance(node, ast.JoinedStr):
            pending += ast.iter_child_nodes(node)
    return found


@mutation
def wrap(text: str, generator: random.Random) -> str:
    """An expression inside another one: brackets, f-string, lambda, comprehension, call."""
    start, end = generator.choice(expressions(text))
    form = generator.choice(WRAPS)
    return text[:start] + form.replace("{}", text[start:end]).replace("{{", "{").replace("}}", "}") + text[end:]


@mutation
def exchange(text: str, generator: random.Random) -> str:
    """An expression in the place of another one."""
    found = expressions(text)
    (a, b), (c, d) = generator.choice(found), generator.choice(found)
    return text[:a] + text[c:d] + text[b:]


@mutation
def splice(text: str, generator: random.Random, others: Sequence[str] = ()) -> str:
    """An expression of another file in the place of one."""
    other = generator.choice(others) if others else text
    (a, b), (c, d) = generator.choice(expressions(text)), generator.choice(expressions(other))
    return text[:a] + other[c:d] + text[b:]


@mutation
def starred(text: str, generator: random.Random) -> str:
    """One more argument in a call: starred, by keyword, twice starred."""
    calls = [end for start, end in expressions(text) if text[start:end].endswith(")")]
    place = generator.choice(calls) - 1
    more = generator.choice(["*x", "**x", "dim=1", "inplace=True", "*x, **y", "\n# arg\n", "out=x", "dim=1,"])
    comma = "" if text[:place].rstrip().endswith(("(", ",")) else ", "
    return text[:place] + comma + more + text[place:]


# --- statements ------------------------------------------------------------------------------------------------


def _place_of_statement(text: str, generator: random.Random) -> tuple[list[str], int, str]:
    """The lines, the index of one that begins a statement, and its indentation."""
    places = [n.lineno - 1 for n in ast.walk(ast.parse(text)) if isinstance(n, ast.stmt) and n.lineno > 1]
    lines, at = text.splitlines(keepends=True), generator.choice(places)
    return lines, at, lines[at][: len(lines[at]) - len(lines[at].lstrip())]


@mutation
def insert_statement(text: str, generator: random.Random) -> str:
    """A statement that shadows, imports, deletes, matches ... in front of another one."""
    lines, at, indent = _place_of_statement(text, generator)
    added = [f"{indent}{line}\n" for line in generator.choice(STATEMENTS).splitlines()]
    return "".join([*lines[:at], *added, *lines[at:]])


@mutation
def decorator(text: str, generator: random.Random) -> str:
    """One more decorator on a function or class."""
    lines = text.splitlines(keepends=True)
    places = [i for i, line in enumerate(lines) if re.match(r"\s*(def|class|async def|@)", line)]
    at = generator.choice(places)
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    behind = generator.choice(["", "  # why", " \\\n"])
    return "".join([*lines[:at], f"{indent}@{generator.choice(DECORATORS)}{behind}\n", *lines[at:]])


@mutation
def enclose(text: str, generator: random.Random) -> str:
    """The whole text inside a statement."""
    head = generator.choice(
        ["if True:\n", "try:\n", "def outer(torch=None):\n", "class Outer:\n", "with x as nn:\n", "for F in x:\n"]
    )
    tail = "\nexcept ImportError:\n    torch = None\n" if head.startswith("try") else "\n"
    if "from __future__" in text or "import *" in text or '"""' in text or "'''" in text:
        raise ValueError("it would not compile, or change a string")
    return head + re.sub(r"^(?=.*\S)", "    ", text, flags=re.MULTILINE) + tail


@mutation
def other_binding(text: str, generator: random.Random) -> str:
    """A plain assignment becomes an augmented, annotated, chained or walrus one."""
    lines = text.splitlines(keepends=True)
    places = [i for i, line in enumerate(lines) if re.match(r"\s*\w+ = .*\S", line)]
    at = generator.choice(places)
    found = re.match(r"(\s*)(\w+) = (.*)$", lines[at].rstrip("\r\n"))
    if found is None:
        raise ValueError("no assignment")
    indent, name, value = found.groups()
    form = generator.choice(
        ["{n} += {v}", "{n}: torch.Tensor = {v}", "{n} = y = {v}", "({n} := ({v}))", "{n}, = {v}", "{n}[...] = {v}"]
    )
    lines[at] = indent + form.format(n=name, v=value) + "\n"
    return "".join(lines)


@mutation
def other_import(text: str, generator: random.Random) -> str:
    """The import of the framework in another form."""
    form = generator.choice(
        [
            "import torch as t", "from torch import *", "import torch, os, sys", "import torch; import torch.nn",
            "try:\n    import torch\nexcept ImportError:\n    torch = None",
            "if x:\n    import torch\nelse:\n    torch = 3",
            "from torch import (\n    nn,  # layers\n    Tensor,\n)", "import torch # why", "import \\\n  torch",
        ]
    )  # fmt: skip
    return re.sub(r"^import torch$", lambda _: form, text, count=1, flags=re.MULTILINE)
