package io.scopegate.authz;

/** Who asks, for a fair share of the reviews. */
enum Lane {
  /** Access reviews, which only accepted users cause, and renewals of tokens once accepted. */
  KNOWN,
  /** Tokens never accepted before: anybody can send any number of them. */
  UNKNOWN
}
