package io.scopegate.gateway.telemetry;

import io.scopegate.gateway.json.JsonBytes;

/** Turns a decision into a line; one instance a thread. */
interface AuditLine {
  /** So many groups are named; users with more of them are rare. */
  int MOST_GROUPS = 64;

  /** Longer names of groups are cut. */
  int MOST_GROUP_CHARS = 256;

  /**
   * Appends the line and its end.
   *
   * @param epochMillis when it was decided
   */
  void append(AuditEntry entry, long epochMillis, JsonBytes out);

  /** The line of a format. */
  static AuditLine of(LogFormat format) {
    return switch (format) {
      case JSON -> new JsonAuditLine();
      case TEXT -> new TextAuditLine();
    };
  }
}
