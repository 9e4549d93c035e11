package io.scopegate.authz.decision;

import io.vertx.core.Future;

/** Where an issuer's keys come from. */
interface KeySource {
  /** Its name in the log and in metrics. */
  String name();

  /**
   * Reads the keys as they are now, within a bounded time.
   *
   * @return fails with a {@link KeysMissing} when they could not be read
   */
  Future<IssuerKeys> fetch();
}
