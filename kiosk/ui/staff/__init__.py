"""What staff see on the kiosk: the way in, and all that lies behind it.

Opened by kiosk.ui.app; imported only after the first frame, the pages only once the right PIN was entered.
May touch Kivy's widgets; whatever reads or writes goes through kiosk.ui.staff.backroom, beside the window.
"""
