"""Walks through an exception and the exceptions that caused it."""

from collections.abc import Iterator

# The bound of a walk, since exceptions may cause each other.
_MAX = 1 << 12


def walk(error: BaseException) -> tuple[list[BaseException], bool]:
    """Returns the exceptions, depth first, and whether they are all.

    A cause is what `raise X from cause` states, and each exception of a group. An
    exception that was merely handled when another was raised is none.
    """
    found: list[BaseException] = []
    seen: set[int] = set()
    pending = [error]
    while pending:
        node = pending.pop()
        if id(node) in seen:
            continue
        if len(found) == _MAX:
            return found, False
        seen.add(id(node))
        found.append(node)
        pending.extend(reversed(list(_causes(node))))
    return found, True


def _causes(node: BaseException) -> Iterator[BaseException]:
    if isinstance(node, BaseExceptionGroup):
        yield from node.exceptions[:_MAX]
    if node.__cause__ is not None:
        yield node.__cause__
