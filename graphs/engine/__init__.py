"""Loads, checks, builds, runs and reloads a graph.

Rooms, each of which knows only those below it (pyproject.toml holds it)::

    cli > commands > offline > reload | observe > flow > language | books > log | web

- ``language``: file -> ``Graph``, pure: ``read``, ``load`` (``document``, ``compose``), ``check`` (``settings``,
  ``wires``, ``cycles``), ``cut`` for one place of several; ``plan`` tells what turns one graph into another; ``order``
  answers questions about its shape, ``describe`` shows it.
- ``flow``: ``runtime`` owns ``station``s (what stays of a node), ``instance``s (one generation of it, with ``inlet``
  and ``jobs``) and ``edge``s.
- ``books``: what became of viewers: ``ledger``, ``turns``, ``budget``; on the disk ``journal``.
- ``log``: ``engine_log``, ``dead_letters``, and what is never written (``redact``, ``people``).
- ``reload``: change while on air: ``watch`` -> ``live`` -> ``reloader``; ``switchboard`` and ``choices`` for a person's
  wish.
- ``observe``: what is seen of it: ``api``, ``metrics``, ``report``, ``why``; served by ``web`` (``server``,
  ``address``, ``guard``, ``access``, ``sockets``, ``answers``).
- ``offline``: a graph without the world around it: ``stand_ins``, ``virtual``, ``recording``, ``crowd``.
- ``commands``: what ``cli`` hands on to.
"""
