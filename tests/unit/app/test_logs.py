import json
import logging

from webmanager.app.logs import JsonFormatter


def test_a_json_line_holds_level_logger_message_and_error() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("bus", logging.WARNING, __file__, 1, "port %s is gone", ("COM3",), info)
    line = json.loads(JsonFormatter().format(record))
    assert (line["level"], line["logger"], line["message"]) == ("warning", "bus", "port COM3 is gone")
    assert "ValueError: broken" in line["error"]
    assert "\n" not in JsonFormatter().format(record)
