package io.scopegate.authz;

/** What is asked about, for a fair share of the reviews. */
enum Lane {
  /** What had a yes before: renewals of accepted tokens and of decisions that allowed. */
  KNOWN,
  /**
   * What never had one: anybody can send any number of tokens, and whoever has a good one can ask
   * about any number of tenants.
   */
  UNKNOWN
}
