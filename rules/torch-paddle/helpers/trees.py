"""Values in lists, tuples and dictionaries of any depth: taken out in order, and put back."""

from collections import OrderedDict, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any


@dataclass
class TreeSpec:
    """What a tree is without its leaves.

    Args:
        type: of the container; None for a leaf.
        context: what it needs besides its children: the keys of a dictionary, the length that a deque is kept to.
        children_specs: one for each child.
    """

    type: Any
    context: Any
    children_specs: list["TreeSpec"]
    num_leaves: int = field(init=False)

    def __post_init__(self) -> None:
        self.num_leaves = sum(spec.num_leaves for spec in self.children_specs) if self.type is not None else 1


def tree_flatten(tree, is_leaf=None):
    """The leaves of a tree, depth first, and what it is without them; None is a leaf."""
    leaves = []
    return leaves, _taken_apart(tree, is_leaf, leaves)


def tree_unflatten(leaves, treespec):
    """The tree again.

    Raises:
        ValueError: there are too many leaves, or too few.
    """
    values = list(leaves)
    if len(values) != treespec.num_leaves:
        raise ValueError(f"the tree has {treespec.num_leaves} leaves, not {len(values)}")
    return _put_together(iter(values), treespec)


def tree_map(func, tree, *rests, is_leaf=None):
    """A tree of what ``func`` makes of each leaf, together with those at the same place of other trees."""
    leaves, spec = tree_flatten(tree, is_leaf)
    others = [_of_the_same(rest, spec) for rest in rests]
    return tree_unflatten(map(func, leaves, *others), spec)


def _of_the_same(tree, spec):
    """The values of a tree at the leaves of another one; below those, it may go on.

    Raises:
        ValueError: the trees differ.
    """
    if spec.type is None:
        return [tree]
    children = _children(tree)[0] if _is_container(tree) else []
    is_same = type(tree) is spec.type and len(children) == len(spec.children_specs)
    if not is_same or (isinstance(tree, dict) and set(tree) != set(_keys(spec))):
        raise ValueError(f"a `{type(tree).__name__}` stands where the first tree has a `{spec.type.__name__}`")
    if isinstance(tree, dict):
        children = [tree[key] for key in _keys(spec)]
    return [
        leaf for child, inner in zip(children, spec.children_specs, strict=True) for leaf in _of_the_same(child, inner)
    ]


def _keys(spec):
    return spec.context[1] if spec.type is defaultdict else spec.context


def _taken_apart(tree, is_leaf, leaves):
    if not _is_container(tree) or (is_leaf is not None and is_leaf(tree)):
        leaves.append(tree)
        return TreeSpec(None, None, [])
    children, context = _children(tree)
    return TreeSpec(type(tree), context, [_taken_apart(child, is_leaf, leaves) for child in children])


def _is_container(value):
    """Whether a value is of one of these very types, or a named tuple."""
    is_named = isinstance(value, tuple) and hasattr(value, "_fields")
    return is_named or type(value) in (list, tuple, dict, OrderedDict, defaultdict, deque)


def _children(tree):
    if type(tree) is defaultdict:
        return list(tree.values()), [tree.default_factory, list(tree)]
    if isinstance(tree, dict):
        return list(tree.values()), list(tree)
    return list(tree), tree.maxlen if isinstance(tree, deque) else None


def _put_together(leaves, spec):
    if spec.type is None:
        return next(leaves)
    values = [_put_together(leaves, child) for child in spec.children_specs]
    if spec.type is defaultdict:
        return defaultdict(spec.context[0], zip(spec.context[1], values, strict=True))
    if spec.type in (dict, OrderedDict):
        return spec.type(zip(spec.context, values, strict=True))
    if spec.type is deque:
        return deque(values, maxlen=spec.context)
    return spec.type(*values) if hasattr(spec.type, "_fields") else spec.type(values)
