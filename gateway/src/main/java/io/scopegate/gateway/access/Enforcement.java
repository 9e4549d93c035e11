package io.scopegate.gateway.access;

/** What becomes of a request that is refused for who sends it, or for a limit of its tenant. */
public enum Enforcement {
  /** It is refused. */
  DENY,
  /**
   * It is forwarded for the tenant that it asks for, and the refusal is logged and counted: for a
   * Tempo that is put behind the gateway before its callers have their rights, or before it is
   * known which limits fit.
   */
  AUDIT
}
