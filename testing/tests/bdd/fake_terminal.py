"""A terminal in memory, for what is drawn: it obeys the sequences in use."""

import io
import re

from rich.cells import cell_len

TOKENS = re.compile(r"\x1b\[(\??)(\d*)([A-Za-z])|\x1b([D78])|([\r\n])|([^\x1b\r\n])")


class FakeTerminal(io.StringIO):
    """Keeps rows of cells; text that leaves at the top is in ``scrolled``."""

    def __init__(self, columns=40, rows=12):
        super().__init__()
        self.columns, self.height = columns, rows
        self.rows = [[" "] * columns for _ in range(rows)]
        self.scrolled = []
        self.row = self.column = 0
        self.saved = (0, 0)
        self.wraps = True

    def isatty(self):
        return True

    @property
    def text(self):
        """All rows that were ever there, without blanks at ends."""
        rows = ["".join(row).rstrip() for row in [*self.scrolled, *self.rows]]
        return "\n".join(rows).rstrip("\n")

    def write(self, text):
        for private, number, final, escape, control, character in TOKENS.findall(text):
            if character:
                self.put(character)
            elif control:
                self.move(control)
            elif escape:
                self.obey(escape)
            else:
                self.obey_sequence(private + final, int(number or 0))
        return super().write(text)

    def put(self, character):
        width = cell_len(character)
        if self.column + width > self.columns:
            if not self.wraps:
                return
            self.column = 0
            self.down()
        self.rows[self.row][self.column] = character
        for extra in range(1, width):
            self.rows[self.row][self.column + extra] = ""
        self.column += width

    def move(self, control):
        self.column = 0
        if control == "\n":
            self.down()

    def obey(self, escape):
        if escape == "D":
            self.down()
        elif escape == "7":
            self.saved = (self.row, self.column)
        else:
            self.row, self.column = self.saved

    def obey_sequence(self, name, number):
        if name == "A":
            self.row = max(0, self.row - number)
        elif name in "JK":
            self.rows[self.row][self.column :] = [" "] * (self.columns - self.column)
            if name == "J":
                for row in range(self.row + 1, self.height):
                    self.rows[row] = [" "] * self.columns
        elif name in ("?h", "?l") and number == 7:
            self.wraps = name == "?h"

    def down(self):
        if self.row + 1 < self.height:
            self.row += 1
        else:
            self.scrolled.append(self.rows.pop(0))
            self.rows.append([" "] * self.columns)
