"""The one table of diagnostic codes: severity, title, explanation. ``translate explain CODE`` prints an entry."""

from __future__ import annotations

from dataclasses import dataclass

from translator.core import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """What a diagnostic code means, and what to do about it."""

    severity: Severity
    title: str
    explanation: str


CODES: dict[str, Code] = {
    "T001": Code(
        Severity.ERROR,
        "a rewrite failed",
        "The translator itself failed at this place. The code there is untouched, the rest of the file is translated.\n"
        "This is a bug: please report the message with the source line.",
    ),
    "T002": Code(
        Severity.ERROR,
        "a file could not be read",
        "The file is not valid Python, not UTF-8, or not readable. It is copied as it is, and the rest of the project\n"
        "is translated. Mend it at the line that the message names.",
    ),
    "T003": Code(
        Severity.ERROR,
        "a change made by hand collides with the new translation",
        "With `--merge`, changes that were made by hand in the output are kept. Here they touch lines that the new\n"
        "translation changes, too. Both stand in the output between markers: choose, and take the markers out.",
    ),
    "T101": Code(
        Severity.WARNING,
        "import of another module of the same package",
        "A file was translated alone, and it imports from its own package. That module is not part of this run, so\n"
        "the import still leads to the original one. Translate the whole package, or bring a translated module along.",
    ),
    "T102": Code(
        Severity.WARNING,
        "import left: something imported here has no translation",
        "The import stays because a name that it binds is still used, or because nothing is known of the module.\n"
        "The diagnostics at the uses of that name say what is missing.",
    ),
    "T103": Code(
        Severity.WARNING,
        "star import of the source framework",
        "`from module import *` does not say which names it brings, so none of them is translated.\n"
        "Write the names out: `from module import a, b`.",
    ),
    "T104": Code(
        Severity.WARNING,
        "a dependency has no counterpart",
        "This distribution needs the source framework, and the rule pack names nothing that stands for it.\n"
        "Look for a counterpart, or take it out; `distributions` in `pack.yaml` is where it can be named.",
    ),
    "T201": Code(
        Severity.NOTE,
        "translated on an assumption",
        "The type of the receiver is not known for sure: it is a parameter without annotation, or a value whose only\n"
        "sign is a method that nothing but a tensor or a layer has; or a type was observed in one run of the model\n"
        "with `--observe`, on one input and one path. Annotate it to make the fact certain.",
    ),
    "T202": Code(
        Severity.NOTE,
        "observed otherwise than the source says",
        "In a run of the model with `--observe`, a value was not of the type that the annotation or the code around\n"
        "it gives. What the source says was kept. Check it: one of the two is wrong, or the type is wider than stated.",
    ),
    "T203": Code(
        Severity.NOTE,
        "a package's `__init__` was cut down",
        "With `--closure`, the `__init__` of a package on the way keeps only what the modules that were named need.\n"
        "Imports of other modules, and definitions that nothing reads, are left out, so that the output runs alone.",
    ),
    "T204": Code(
        Severity.NOTE,
        "a question about the framework is answered",
        "The code asks whether the source framework has a name (`hasattr`, `in dir(...)`, `getattr` with a default).\n"
        "Nothing stands for that name in the target, so the answer is no, and the code goes the way it has for that.",
    ),
    "T301": Code(
        Severity.WARNING,
        "the receiver's type is unknown",
        "The method exists on tensors, but strings, lists, arrays or configuration objects have one of that name too.\n"
        "Annotate the receiver (`x: torch.Tensor`), so that the call is translated.",
    ),
    "T302": Code(
        Severity.WARNING,
        "starred arguments hide which argument is which",
        "A rule renames or reorders arguments; behind `*args` or `**kwargs` they cannot be told apart.\n"
        "Write the arguments out.",
    ),
    "T303": Code(
        Severity.WARNING,
        "an argument has no counterpart",
        "The API is known, but this argument of it cannot be translated. The rule says why and what to do instead.",
    ),
    "T304": Code(
        Severity.WARNING,
        "no rule for this name",
        "Nobody has written down what this name becomes. Add a rule: `translate --rules my.yaml`, see CONTRIBUTING.",
    ),
    "T305": Code(
        Severity.WARNING,
        "no counterpart in the target framework",
        "The name is known, and the target framework has nothing like it. The rule's note says what can be done.",
    ),
    "T306": Code(
        Severity.WARNING,
        "a class or function used as a value",
        "Its calls are not all in view, and the target's version takes other arguments, so that a plain renaming\n"
        "could call it wrongly. Call it directly, or wrap it in a function with the arguments written out.",
    ),
    "T307": Code(
        Severity.WARNING,
        "the arguments do not fit the signature",
        "No overload that the rule knows accepts this call.\n"
        "Check the call; if it is right, the rule needs an overload.",
    ),
    "T308": Code(
        Severity.WARNING,
        "an expression would be evaluated twice",
        "The translation uses this argument more than once, so it must be a name or a literal.\n"
        "Assign it to a variable on the line above.",
    ),
    "T309": Code(
        Severity.WARNING,
        "a parameter that is laid out differently",
        "The target stores this parameter in another layout (a linear layer's weight is transposed). Code that reads\n"
        "or writes it by position means something else there. Check this line by hand.",
    ),
    "T310": Code(
        Severity.WARNING,
        "a type decides, and it is unknown",
        "What this call becomes depends on the type of an argument, which could not be found out.\n"
        "Annotate the argument, or write the call in its explicit form.",
    ),
    "T311": Code(
        Severity.WARNING,
        "used in an unusual place",
        "A name of the source framework stands where it cannot be replaced by an expression\n"
        "(as an assignment target, in `del`, or as an augmented value). Write it as a call.",
    ),
    "T312": Code(
        Severity.WARNING,
        "a name that only the run knows",
        "A name of the source framework is looked up by a text (`getattr(module, name)`), and the text is neither a\n"
        "constant nor one of a few that the file shows. Write a table of the names, or annotate the text with Literal.",
    ),
    "T401": Code(
        Severity.WARNING,
        "a write into memory that is not shared in the output",
        "In the source framework two names mean one memory (a piece of `split` or `chunk`, what `expand` gives, a\n"
        "tensor and its array), in the target two. Something reads the other name behind this write.\n"
        "Write into the other name itself, or copy before where the write should not show.\n"
        "Or a part of a tensor is written (`x[0].mul_(y)`), and the target's gradient does not follow: assign to it.",
    ),
    "T402": Code(
        Severity.WARNING,
        "a layer overwrites its input, and that is read later",
        "The layer works in place in the source framework: whoever reads its input afterwards sees the result there.\n"
        "In the target it does not. Assign the result to the input's name, too, or make the layer not work in place.",
    ),
    "T403": Code(
        Severity.NOTE,
        "a tensor attribute becomes a buffer",
        "A layer of the target takes every tensor that is assigned to it for a buffer. The state dict is as before,\n"
        "but `buffers()` lists it, and `to`, `half` and the like change it with the layer.\n"
        "Register it as a buffer that is not saved, so that both frameworks do the same.",
    ),
    "T404": Code(
        Severity.WARNING,
        "tensors of different kinds meet",
        "The source framework brings a mask, whole numbers and fractions to one type, the target raises an error.\n"
        "The conversion is written out where the other operand is a name; here it would be evaluated twice.\n"
        "Assign the operands to variables on the lines above, or convert one of them: `mask.float() * f(x)`.",
    ),
}
