"""The commands of ``python -m bsm_core``. Each module has ``register(commands)``, which adds its parsers; what a
command needs is imported when it runs, so that ``--help`` is quick."""
