"""One row for each setting: what it may hold, what it holds by itself, and how it is explained.

Read by kiosk.settings.file to load and check config.toml, and by the tests that hold the docs against it.
Pure values: touches nothing.
"""

from collections.abc import Callable, Mapping

from kiosk.settings.model import Settings
from kiosk.settings.readers import (
    LANGUAGES_MOST,
    Line,
    Number,
    OrZero,
    colour,
    file,
    hours,
    language,
    languages,
    timezone,
)
from kiosk.settings.texts import TextsOf
from survey.reading import Whole, flag, one_of, whole
from survey.values import frozen_named

Reader = Callable[[object], object]  # raises ReadingError, whose text says what is needed
Texts = Mapping[str, str]  # language → text

STORE_CHARACTERS = 40
WORDS_CHARACTERS = 80
NOTICE_CHARACTERS = 100


@frozen_named
class Setting:
    """A key of config.toml: `path` is its table and name, `holds` says which values it may have."""

    path: str
    read: Reader
    holds: str
    label: Texts
    help: Texts
    restart: bool = True  # whether a change of it waits for the next start

    @property
    def table(self) -> str:
        """The table it stands in."""
        return self.path.partition(".")[0]

    @property
    def key(self) -> str:
        """Its name in that table."""
        return self.path.partition(".")[2]

    @property
    def default(self) -> object:
        """What it is when config.toml does not name it."""
        value: object = getattr(getattr(Settings(), self.table), self.key)
        return value


SETTINGS = (
    Setting(
        path="kiosk.store",
        read=Line(STORE_CHARACTERS),
        holds=f"text, up to {STORE_CHARACTERS} characters",
        label={"ja": "店名", "en": "Store"},
        help={"ja": "画面の左上に出る名前。", "en": "The name at the top left of the screen."},
        restart=False,
    ),
    Setting(
        path="kiosk.language",
        read=language,
        holds="a language tag",
        label={"ja": "最初の言語", "en": "First language"},
        help={
            "ja": "お客さまが替わるたびに、この言語に戻ります。",
            "en": "Every new visit starts in this language.",
        },
        restart=False,
    ),
    Setting(
        path="kiosk.languages",
        read=languages,
        holds=f"a list of 1 to {LANGUAGES_MOST} language tags",
        label={"ja": "選べる言語", "en": "Languages"},
        help={"ja": "お客さまが選べる言語。", "en": "The languages a shopper can choose from."},
        restart=False,
    ),
    Setting(
        path="kiosk.timezone",
        read=timezone,
        holds="a time zone",
        label={"ja": "時間帯", "en": "Time zone"},
        help={
            "ja": "質問を出す時間に使います。空なら本部で決めた時間帯になります。",
            "en": "Decides when a survey is shown. Empty, it is the one that head office set.",
        },
        restart=False,
    ),
    Setting(
        path="kiosk.idle_s",
        read=whole(5, 300),
        holds="whole seconds, 5 to 300",
        label={"ja": "待ち時間", "en": "Idle time"},
        help={
            "ja": "だれも触れないまま、この秒数がたつと最初の画面に戻ります。",
            "en": "After so many seconds without a touch the first question comes back.",
        },
        restart=False,
    ),
    Setting(
        path="kiosk.warn_s",
        read=whole(0, 120),
        holds="whole seconds, 0 to 120",
        label={"ja": "予告の長さ", "en": "Warning"},
        help={
            "ja": "回答の途中で最初の画面に戻る前に、残りを数えて「つづける」を出す秒数。",
            "en": "How many seconds are counted down before a visit that began is given up. 0: none.",
        },
        restart=False,
    ),
    Setting(
        path="kiosk.thanks_s",
        read=whole(1, 60),
        holds="whole seconds, 1 to 60",
        label={"ja": "お礼の長さ", "en": "Thanks"},
        help={"ja": "お礼の画面を出しておく秒数。", "en": "How many seconds the thanks stay on the screen."},
        restart=False,
    ),
    Setting(
        path="kiosk.keypad",
        read=flag,
        holds="true or false",
        label={"ja": "キーパッド", "en": "Keypad"},
        help={
            "ja": "USB のキーパッドでも答えられます。顔は 1・2・3、矢印で移動、Enter で決定。",
            "en": "A USB keypad answers too: 1, 2, 3 are the faces, arrows move, Enter chooses.",
        },
    ),
    Setting(
        path="kiosk.scan_s",
        read=OrZero(Whole(1, 10)),
        holds="0, or whole seconds, 1 to 10",
        label={"ja": "スイッチ一つでの操作", "en": "One switch"},
        help={
            "ja": "0 でなければ、この秒数ごとに枠が進み、どのキーでも決定できます。",
            "en": "Unless 0, the focus moves by itself every so many seconds, and any key chooses.",
        },
    ),
    Setting(
        path="kiosk.spoken",
        read=flag,
        holds="true or false",
        label={"ja": "読みあげ", "en": "Spoken"},
        help={
            "ja": "質問と答えを声で読みあげます。espeak-ng が入っていることが必要です。",
            "en": "Questions and answers are read aloud, where espeak-ng is installed.",
        },
    ),
    Setting(
        path="kiosk.display_button",
        read=flag,
        holds="true or false",
        label={"ja": "見やすさのボタン", "en": "Display button"},
        help={
            "ja": "お客さまが文字の大きさと配色を変えられるボタン。お客さまが替わると元に戻ります。",
            "en": "A button with which a shopper changes text size and contrast, for one visit.",
        },
    ),
    Setting(
        path="screen.theme",
        read=one_of(("light", "contrast")),
        holds="light or contrast",
        label={"ja": "配色", "en": "Theme"},
        help={
            "ja": "明るい紙の色(light)か、文字がはっきり見える黒地(contrast)。",
            "en": "Light is paper white; contrast is black with strong letters.",
        },
    ),
    Setting(
        path="screen.text_size",
        read=one_of(("normal", "large")),
        holds="normal or large",
        label={"ja": "文字の大きさ", "en": "Text size"},
        help={
            "ja": "「大きい」(large)では、場所があるかぎり文字が 1.3 倍になります。",
            "en": "Large makes every text 1.3 times as large where there is room for it.",
        },
    ),
    Setting(
        path="screen.width",
        read=OrZero(Whole(320, 7680)),
        holds="pixels, 320 to 7680, or 0",
        label={"ja": "画面の幅", "en": "Width"},
        help={"ja": "0 なら画面に合わせます。", "en": "0 is the screen's own width."},
    ),
    Setting(
        path="screen.height",
        read=OrZero(Whole(320, 7680)),
        holds="pixels, 320 to 7680, or 0",
        label={"ja": "画面の高さ", "en": "Height"},
        help={"ja": "0 なら画面に合わせます。", "en": "0 is the screen's own height."},
    ),
    Setting(
        path="screen.diagonal_inches",
        read=Number(3, 100),
        holds="inches, 3 to 100",
        restart=False,
        label={"ja": "画面の大きさ", "en": "Diagonal"},
        help={
            "ja": "対角線の長さ(インチ)。文字とボタンを読みやすい大きさに保ちます。",
            "en": "Corner to corner, in inches. Keeps letters and buttons large enough.",
        },
    ),
    Setting(
        path="screen.motion",
        read=flag,
        holds="true or false",
        label={"ja": "動き", "en": "Motion"},
        help={"ja": "切ると、画面の動きがすべて止まります。", "en": "Off: nothing on the screen moves."},
    ),
    Setting(
        path="screen.sound",
        read=flag,
        holds="true or false",
        label={"ja": "音", "en": "Sound"},
        help={
            "ja": "入れると、顔を選んだときと最後に、小さな音がします。どの顔でも同じ音です。",
            "en": "On: a soft sound for a face and at the end, the same for every face.",
        },
    ),
    Setting(
        path="screen.logo",
        read=file,
        holds="a PNG or JPEG, beside config.toml or with its whole path; up to 2 MB and 2 million pixels",
        label={"ja": "ロゴ", "en": "Logo"},
        help={
            "ja": "店名の代わりに出すロゴ。明るい地に合うもの。黒地の配色では白い台にのせます。",
            "en": "Stands in the store's name's place. Made for light paper; on black it gets a white plate.",
        },
    ),
    Setting(
        path="screen.accent",
        read=colour,
        holds='a colour, "#RRGGBB", or "" for Egao\'s own',
        label={"ja": "お店の色", "en": "Accent colour"},
        help={
            "ja": "ボタンなどの色。読みにくい色は、比率と近い色を示してことわります。"
            "ほかの配色では、読めるまで明るさを変えます。",
            "en": "Of buttons and marks. Refused below WCAG AA in the chosen theme, with a near colour that "
            "passes; in the other theme it is made lighter or darker until it passes.",
        },
    ),
    Setting(
        path="screen.hours",
        read=hours,
        holds='hours, "09:00-22:00", or "" for always',
        label={"ja": "営業時間", "en": "Opening hours"},
        help={
            "ja": "この時間の外では、1 分だれも触れないと画面が暗くなります。触れると戻ります。",
            "en": "Outside of them the screen goes dark after a minute without a touch; a touch wakes it.",
        },
        restart=False,
    ),
    Setting(
        path="thanks.words",
        read=TextsOf(WORDS_CHARACTERS),
        holds=f"a text a language, up to {WORDS_CHARACTERS} characters each",
        label={"ja": "お礼のことば", "en": "Words of thanks"},
        help={
            "ja": "お礼の下に出る、お店のことば。ない言語では、もとのことばが出ます。",
            "en": "The store's own words below the thanks. A language without them has the kiosk's.",
        },
        restart=False,
    ),
    Setting(
        path="thanks.you_said",
        read=TextsOf(NOTICE_CHARACTERS),
        holds=f"a text a language, up to {NOTICE_CHARACTERS} characters each",
        label={"ja": "お客さまの声", "en": "You said"},
        help={
            "ja": "お客さまから最近いただいた声。お店の取り組み(we_did)と一緒に、お礼の画面に出ます。",
            "en": "What shoppers said lately. Stands on the thanks page with what the store did (we_did).",
        },
        restart=False,
    ),
    Setting(
        path="thanks.we_did",
        read=TextsOf(NOTICE_CHARACTERS),
        holds=f"a text a language, up to {NOTICE_CHARACTERS} characters each",
        label={"ja": "お店の取り組み", "en": "We did"},
        help={
            "ja": "その声を受けて、お店がしたこと。お客さまの声(you_said)と同じ言語で書きます。",
            "en": "What the store did about it, in the same languages as what shoppers said (you_said).",
        },
        restart=False,
    ),
    Setting(
        path="screen.reach",
        read=one_of(("all", "low")),
        holds="all or low",
        restart=False,
        label={"ja": "手の届く範囲", "en": "Reach"},
        help={
            "ja": "「下のほう」(low)では、触るものがすべて画面の下 6 割に来ます(車いすの方やお子さま向け)。",
            "en": "Low puts all that is touched into the lower 60 %, for wheelchairs and children.",
        },
    ),
    Setting(
        path="sync.every_s",
        read=whole(5, 3600),
        holds="whole seconds, 5 to 3600",
        label={"ja": "送る間隔", "en": "Interval"},
        help={
            "ja": "本部へ回答を送る間隔(秒)。",
            "en": "Every how many seconds the answers go to head office.",
        },
    ),
    Setting(
        path="sync.batch_taps",
        read=whole(1, 5000),
        holds="1 to 5000",
        label={"ja": "一度に送る数", "en": "Batch"},
        help={"ja": "一度に送る回答の最大数。", "en": "At most so many answers go at once."},
    ),
)
