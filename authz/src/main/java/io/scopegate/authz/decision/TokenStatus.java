package io.scopegate.authz.decision;

/** What is known about a token that is about to be reviewed. */
enum TokenStatus {
  /** Nothing: tokens are not checked here, or the cluster's keys are not known. */
  UNCHECKED,
  /** The cluster's keys signed it, and it is within its time. */
  SIGNED,
  /** It is opaque or of another issuer: anybody can make any number of them. */
  FOREIGN
}
