"""What widgets show: their states in place of the ids of models, which are random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

VIEW: Final = "application/vnd.jupyter.widget-view+json"
STATE: Final = "application/vnd.jupyter.widget-state+json"
_MODEL: Final = "IPY_MODEL_"
_NOT_SHOWN: Final = {"msg_id", "_view_count", "_view_module_version", "_model_module_version"}
# JupyterLab leaves out of a stored state what a widget has by default; these say something.
_SAYS: Final = {"value", "children", "outputs", "data", "titles", "_options_labels", "description"}


def states_of(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return the states of a stored notebook's widgets by model, none where there are none."""
    try:
        return dict(notebook["metadata"]["widgets"][STATE]["state"])
    except (KeyError, TypeError, ValueError):
        return {}


def unfolded(outputs: Sequence[Mapping[str, Any]], states: Mapping[str, Any]) -> list[Any]:
    """Return outputs with the state of a widget for its id, and what it shows behind it.

    Parameters
    ----------
    outputs
        Of a cell.
    states
        By model.

    Returns
    -------
    list
        A view is the states it is made of, None where its model has none: then nothing is
        shown. What an Output widget holds follows as outputs of the cell.
    """
    found: list[Any] = []
    for output in outputs:
        if VIEW not in output.get("data", {}):
            found.append(output)
            continue
        held: list[Any] = []
        view = _model(_id(output["data"][VIEW]), states, (), held)
        found.append({**output, "data": {**output["data"], VIEW: view}})
        found += held
    return found


def same_default(stored: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state of now without what was left out of the stored one as a default."""
    kept = {k: v for k, v in now.items() if k in stored or (v and k in _SAYS)}
    for key, value in kept.items():
        if isinstance(value, dict) and isinstance(stored.get(key), dict):
            kept[key] = same_default(stored[key], value)
        if isinstance(value, list) and isinstance(old := stored.get(key), list):
            kept[key] = [
                same_default(a, b) if isinstance(a, dict) and isinstance(b, dict) else b
                for a, b in zip(old, value, strict=False)
            ] + value[len(old) :]
    return kept


def _id(view: Any) -> str:
    return str(view.get("model_id")) if isinstance(view, Mapping) else ""


def _model(name: str, states: Mapping[str, Any], within: tuple[str, ...], held: list[Any]) -> Any:
    model = states.get(name)
    if not isinstance(model, Mapping) or not isinstance(model.get("state"), Mapping):
        return None
    state = dict(model["state"])
    held += unfolded(state.pop("outputs", None) or [], states) if name not in within else []
    return {
        "model": [model.get("model_module"), model.get("model_name")],
        "buffers": model.get("buffers") or [],
        **{
            key: _values(value, states, (*within, name), held)
            for key, value in state.items()
            if key not in _NOT_SHOWN
        },
    }


def _values(value: Any, states: Mapping[str, Any], within: tuple[str, ...], held: list[Any]) -> Any:
    if isinstance(value, str) and value.startswith(_MODEL):
        name = value.removeprefix(_MODEL)
        return "itself" if name in within else _model(name, states, within, held)
    if isinstance(value, Mapping):
        return {key: _values(one, states, within, held) for key, one in value.items()}
    if isinstance(value, list):
        return [_values(one, states, within, held) for one in value]
    return value
