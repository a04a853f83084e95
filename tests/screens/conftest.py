from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.places import Places
from deploy.screen import Screen
from tests.screens.desk import Desk

SURVEY = """
[kiosk]
store = "みどり市場"
idle_s = 8
warn_s = 2
thanks_s = 1
[screen]
theme = "light"
[sync]

[[survey]]
id = "checkout"
kind = "in_the_moment"
title = { ja = "レジ", en = "Checkout" }
  [[survey.question]]
  id = "rating"
  type = "faces"
  metric = "csat"
  text = { ja = "本日のお買い物はいかがでしたか?", en = "How was your visit today?" }
  next = { sad = "why", neutral = "stars", happy = "recommend" }
  [[survey.question]]
  id = "why"
  type = "choice"
  many = true
  text = { ja = "何がご不満でしたか?", en = "What went wrong?" }
  options = [
    { id = "queue", icon = "clock",  text = { ja = "レジの待ち時間", en = "Waiting time" } },
    { id = "range", icon = "basket", text = { ja = "商品の品ぞろえ", en = "Range" } },
    { id = "staff", icon = "person", text = { ja = "スタッフの応対", en = "Staff" } },
    { id = "price", icon = "yen",    text = { ja = "値段", en = "Prices" } },
    { id = "clean", icon = "broom",  text = { ja = "売り場の清潔さ", en = "Cleanliness" } },
    { id = "other", icon = "dots",   text = { ja = "その他", en = "Something else" } },
  ]
  next = "again"
  [[survey.question]]
  id = "again"
  type = "faces"
  text = { ja = "また来たいですか?", en = "Would you come again?" }
  next = "end"
  [[survey.question]]
  id = "recommend"
  type = "scale"
  metric = "nps"
  min = 0
  max = 10
  text = { ja = "ご家族やお友だちにすすめたいと思いますか?", en = "Would you recommend this store?" }
  labels = { low = { ja = "思わない", en = "Not at all" }, high = { ja = "そう思う", en = "Very much" } }
  next = "again"
  [[survey.question]]
  id = "stars"
  type = "stars"
  text = { ja = "スタッフの応対はいかがでしたか?", en = "How were our staff?" }
  next = "best"
  [[survey.question]]
  id = "best"
  type = "choice"
  text = { ja = "どこがよかったですか?", en = "What was best?" }
  options = [
    { id = "range", icon = "basket", text = { ja = "商品の品ぞろえ", en = "Range" } },
    { id = "staff", icon = "person", text = { ja = "スタッフの応対", en = "Staff" } },
    { id = "price", icon = "yen",    text = { ja = "値段", en = "Prices" } },
  ]
  next = "bye"
  [[survey.question]]
  id = "bye"
  type = "notice"
  text = { ja = "またお越しください", en = "Please come again" }
  next = "end"
"""


@pytest.fixture(scope="session")
def screen() -> Iterator[Screen]:
    """A virtual screen of the reference size."""
    with Screen() as opened:
        yield opened


@pytest.fixture
def places() -> Places:
    """Where things stand on it."""
    return Places()


@pytest.fixture
def desk(screen: Screen, tmp_path: Path) -> Iterator[Desk]:
    """A kiosk on it, not yet started."""
    with Desk(screen, tmp_path, SURVEY) as opened:
        yield opened


@pytest.fixture
def kiosk(desk: Desk) -> Desk:
    """A kiosk that is ready for a finger, its first picture at rest."""
    desk.start()
    desk.screen.still()
    return desk
