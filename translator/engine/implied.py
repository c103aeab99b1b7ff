"""Calls of methods that the source implies and does not write: what an operator does, a conversion, a copy."""

from __future__ import annotations

import ast
from dataclasses import replace

import libcst as cst

from translator.analysis.infer import Inference
from translator.analysis.sites import Context, Site
from translator.analysis.text import SourceText
from translator.analysis.use import Use


def implied(
    node: ast.expr, api: str, receiver: ast.expr, function: ast.AST, inference: Inference, source: SourceText
) -> Site:
    """A site at ``node`` of a method of ``receiver``, inside ``function``."""
    use = Use(api, receiver, inference.types.get(receiver))
    scope = inference.names.scopes[function]
    return Site(node, use, inference.rules.get(api), scope, Context.VALUE, inference, source)


def called(site: Site, arguments: list[ast.expr]) -> Site:
    """The same site as the call that is implied, to decide on."""
    assert site.use.receiver is not None
    func = ast.Attribute(site.use.receiver, site.use.api.rpartition(".")[2], ast.Load())
    return replace(site, node=ast.copy_location(ast.Call(func, arguments, []), site.node))


def method(receiver: cst.BaseExpression, api: str, *arguments: cst.BaseExpression) -> cst.Call:
    """The implied call itself, which the edit that was decided on gets."""
    name = cst.Name(api.rpartition(".")[2])
    return cst.Call(cst.Attribute(receiver, name), [cst.Arg(argument) for argument in arguments])
