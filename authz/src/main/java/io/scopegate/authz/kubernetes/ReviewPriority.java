package io.scopegate.authz.kubernetes;

/** The priority of a review: known callers before unknown ones. */
public enum ReviewPriority {
  /** What had a yes before: renewals of accepted tokens and of decisions that allowed. */
  KNOWN,
  /**
   * What never had one: anybody can send any number of tokens, and a caller with a good one can ask
   * about any number of tenants.
   */
  UNKNOWN
}
