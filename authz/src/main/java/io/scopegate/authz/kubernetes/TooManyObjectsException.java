package io.scopegate.authz.kubernetes;

/** The cluster has more objects than this process has room to know. */
final class TooManyObjectsException extends Exception {
  private static final long serialVersionUID = 1L;

  TooManyObjectsException(int max) {
    super("more than " + max, null, false, false);
  }
}
