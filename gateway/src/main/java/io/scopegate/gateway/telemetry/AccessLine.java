package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.json.JsonBytes;

/** Turns a finished request into a line; one instance a thread. */
interface AccessLine {
  /**
   * Appends the line and its end.
   *
   * @param epochMillis when the request ended
   */
  void append(RequestRecord transaction, long epochMillis, JsonBytes out);

  /** The line of a format. */
  static AccessLine of(LogFormat format) {
    return switch (format) {
      case JSON -> new JsonAccessLine();
      case TEXT -> new TextAccessLine();
    };
  }
}
