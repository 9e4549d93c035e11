package io.scopegate.testkit.kubernetes;

/** The kinds of request that the stand-in counts, and that faults are ordered for. */
public enum RequestKind {
  /** Whose token is it. */
  TOKEN_REVIEW,
  /** May somebody. */
  SUBJECT_ACCESS_REVIEW,
  /** May I. */
  SELF_SUBJECT_ACCESS_REVIEW,
  /** A new token for a service account. */
  TOKEN_REQUEST,
  /** Many objects. */
  LIST,
  /** Their changes. */
  WATCH,
  /** One object. */
  READ,
  /** Creates, updates, patches and deletions. */
  WRITE,
  /** The issuer's discovery document and its keys. */
  OPENID,
  /** Version, health, discovery, and what is not known. */
  OTHER
}
