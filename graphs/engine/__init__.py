"""Loads, checks, builds, runs and reloads a graph.

A map, in the order in which data goes:

- file -> ``Graph``, pure: ``read``, ``load`` (``document``, ``compose``), ``check`` (``check_settings``,
  ``check_wires``, ``cycles``), ``cut`` for one place of several; ``plan`` tells what turns one graph into another.
- the running graph: ``runtime`` owns ``station``s (what stays of a node), ``instance``s (one generation of it, with
  ``inlet`` and ``jobs``) and ``edge``s; ``order`` answers questions about its shape.
- what became of viewers: ``ledger``, ``turns``, ``budget``; on the disk ``journal``, ``dead_letters``, ``log``.
- change while on air: ``watch`` -> ``live`` -> ``reload``; ``switchboard`` and ``choices`` for a person's wish.
- what is seen of it: ``observe``, ``taps``, ``metrics``, ``report``, ``why``; served by ``web`` (``address``,
  ``guard``, ``access``, ``sockets``, ``answers``).
- commands: ``cli`` hands on to ``run``, ``doctor``, ``init``, ``record``, ``replay``, ``rehearse``, ``trial``, ``top``,
  ``show``, ``fleet``; those without the world around them use ``offline`` and ``virtual``.
"""
