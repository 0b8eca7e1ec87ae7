"""Films with their sound, to see and hear a clip in a notebook, with the controls of the browser.

On the left the tray, with the path of the object; on the right what each of the four microphones hears, with a cursor. A
wall lights up when the level jumps and its microphone is the loudest. A silent film shows the tray alone.

Notebook: all of them.
"""

from labutils.films.film import Film, film, films, silent_film
from labutils.films.picture import Contacts
from labutils.films.scene import Scene

__all__ = ["Contacts", "Film", "Scene", "film", "films", "silent_film"]
