package io.scopegate.gateway.telemetry;

/** How log lines are written. */
public enum LogFormat {
  /** One JSON object a line. */
  JSON,
  /** For people at a terminal. */
  TEXT
}
