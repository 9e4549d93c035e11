package io.scopegate.gateway.access;

import java.util.Locale;

/** Where a decision came from, for the audit log. */
public enum DecisionSource {
  /** Nowhere: nobody looks at a token that came in clear text where that is not taken. */
  NONE,
  /** What the connection remembers of its last request. */
  MEMO,
  /** Everything that it needs was known. */
  CACHE,
  /** Somebody was asked. */
  ASKED,
  /** An answer past its time served, because nobody could be asked. */
  STALE;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The word for it in logs. */
  public String label() {
    return label;
  }

  /**
   * What to say of a decision.
   *
   * @param found where it was found
   * @return {@link #STALE} when that is what it rests on
   */
  public static DecisionSource of(AccessDecision verdict, DecisionSource found) {
    DecisionBasis grounds = verdict.grounds();
    return grounds != null && grounds.stale() ? STALE : found;
  }
}
