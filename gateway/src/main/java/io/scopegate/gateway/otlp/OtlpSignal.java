package io.scopegate.gateway.otlp;

import java.util.Locale;

/**
 * What is sent. Requests of both have the same shape: resources in field 1, in them scopes in field
 * 2, in them spans or log records in field 2.
 *
 * @see <a href="https://opentelemetry.io/docs/specs/otlp/#otlphttp-request">OTLP/HTTP</a>
 */
public enum OtlpSignal {
  /** Spans. */
  TRACES("/v1/traces"),
  /** Log records. */
  LOGS("/v1/logs");

  private final String path;
  private final String label = name().toLowerCase(Locale.ROOT);

  OtlpSignal(String path) {
    this.path = path;
  }

  /** Where a receiver takes it. */
  String path() {
    return path;
  }

  /** The word for it in metrics and messages. */
  public String label() {
    return label;
  }
}
