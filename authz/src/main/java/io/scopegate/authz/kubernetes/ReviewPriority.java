package io.scopegate.authz.kubernetes;

/** What is asked about, for a fair share of the reviews. */
public enum ReviewPriority {
  /** What had a yes before: renewals of accepted tokens and of decisions that allowed. */
  KNOWN,
  /**
   * What never had one: anybody can send any number of tokens, and whoever has a good one can ask
   * about any number of tenants.
   */
  UNKNOWN
}
