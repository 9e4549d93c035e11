package io.scopegate.gateway.telemetry;

import java.util.Locale;

/** How a request ended, for metrics. */
enum Outcome {
  /** The client got a good answer from upstream. */
  OK,
  /** The client got a bad answer from upstream, or none. */
  FAILED,
  /** The gateway refused it. */
  REFUSED,
  /** A reset or a lost connection ended it. */
  ABORTED;

  private final String label = name().toLowerCase(Locale.ROOT);

  String label() {
    return label;
  }

  /** How this one ended. */
  static Outcome of(RequestRecord transaction) {
    if (transaction.refusal != null) {
      return REFUSED;
    }
    if (transaction.aborted) {
      return ABORTED;
    }
    boolean bad =
        transaction.status == 0 || transaction.status >= 400 || transaction.grpcStatus > 0;
    return bad ? FAILED : OK;
  }
}
