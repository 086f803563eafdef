"""The entry points of the functions in Lambda.

Loading one of these modules creates the services that its function uses. Lambda loads it with the CPU of a
large function, whatever the memory, and with SnapStart before the snapshot.
"""

import gc

gc.disable()  # while an entry point loads: it creates many objects, nearly all of which stay


def loaded() -> None:
    """Collect garbage from now on, except among the objects of the code. Every entry point ends with it."""
    gc.freeze()
    gc.enable()
