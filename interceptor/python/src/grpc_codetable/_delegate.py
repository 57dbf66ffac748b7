"""Wraps objects of grpcio, whose classes get new methods in later versions."""

import abc
from collections.abc import Callable
from typing import Any


def delegating(cls: Any, attribute: str) -> Callable[..., Any]:
    """Makes a class call the object in the attribute for each method that it lacks."""
    ours = cls.__module__.partition(".")[0]
    for base in cls.__mro__:
        for name in [] if base.__module__.startswith(ours) else vars(base):
            if not name.startswith("_") and not _defines(cls, ours, name):
                setattr(cls, name, _forward(attribute, name))
    abc.update_abstractmethods(cls)
    factory: Callable[..., Any] = cls
    return factory


def _defines(cls: type, ours: str, name: str) -> bool:
    """Returns whether a class of this package defines a method."""
    return any(name in vars(base) for base in cls.__mro__ if base.__module__.startswith(ours))


def _forward(attribute: str, name: str) -> Callable[..., Any]:
    def method(self: object, *args: Any, **kwargs: Any) -> Any:
        return getattr(getattr(self, attribute), name)(*args, **kwargs)

    method.__name__ = name
    return method
