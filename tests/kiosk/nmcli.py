"""A stand-in for NetworkManager's nmcli: put on the PATH it hears what it is asked, and answers as that does.

Used by tests of the kiosk's Wi-Fi. Keeps its arguments and its input beside itself, in `asked`.
"""

import stat
import sys
from pathlib import Path

SCRIPT = r"""#!{python}
import sys
from pathlib import Path

words, here = sys.argv[1:], Path(__file__).parent
heard = sys.stdin.readline() if "connect" in words else ""
with (here / "asked").open("a", encoding="utf-8") as file:
    file.write(repr((words, heard)) + "\n")
if "connect" in words:
    (here / "joined").write_text(words[-1], encoding="utf-8") if heard == "correct horse\n" else None
    if heard != "correct horse\n":
        sys.exit("Error: Connection activation failed: (7) Secrets were required, but not provided.")
elif "list" in words:
    joined = (here / "joined").read_text("utf-8") if (here / "joined").exists() else ""
    heard = "Back\\:room:48:WPA2", "みどり市場:71:WPA2 WPA3", "みどり市場:90:WPA2", ":99:", "Guests:20:"
    for line in heard:
        print("*" if line.partition(":")[0] == joined else " ", line, sep=":")
elif (here / "joined").exists():
    print("lo:loopback:connected (externally):lo\nwlan0:wifi:connected:みどり市場")
else:
    print("eth0:ethernet:unavailable:\nwlan0:wifi:disconnected:")
"""


def stand_in(folder: Path) -> Path:
    """Put it into this folder; gives the file that says what it was asked."""
    folder.mkdir(exist_ok=True)
    script = folder / "nmcli"
    script.write_text(SCRIPT.replace("{python}", sys.executable), encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder / "asked"
