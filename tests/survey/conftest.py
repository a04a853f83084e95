"""How hypothesis runs here: the same examples every time, however slow or busy the machine is."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "egao",
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("egao")
