package io.scopegate.authz.decision;

import io.scopegate.authz.decision.TokenKeys.TokenKey;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What cached tokens are bound to, and what is gone. The API server itself goes on accepting a
 * token for some seconds after that. UIDs never come back, so what is gone is remembered as long as
 * there is room. For any thread.
 */
final class BoundTokens {
  private static final int MAX_GONE = 20_000;

  private final ReverseIndex<TokenKey, String> bound = new ReverseIndex<>();
  // The oldest first.
  private final Set<String> gone = new LinkedHashSet<>();

  /**
   * A token was accepted that is bound to these. Called when it is in the cache already.
   *
   * @param kept whether it is there still; must not change anything
   */
  synchronized void bind(TokenKey key, Collection<String> uids, Predicate<TokenKey> kept) {
    if (kept.test(key)) {
      bound.put(key, uids);
    }
  }

  /** A token has left the cache, unless it has come back meanwhile. */
  synchronized void left(TokenKey key, Predicate<TokenKey> kept) {
    if (!kept.test(key)) {
      bound.remove(key);
    }
  }

  /** An object is gone: the tokens that are bound to it. */
  synchronized List<TokenKey> gone(String uid) {
    gone.add(uid);
    if (gone.size() > MAX_GONE) {
      Iterator<String> oldest = gone.iterator();
      oldest.next();
      oldest.remove();
    }
    return List.copyOf(bound.under(uid));
  }

  /** Whether one of these is gone. */
  synchronized boolean anyGone(Collection<String> uids) {
    for (String uid : uids) {
      if (gone.contains(uid)) {
        return true;
      }
    }
    return false;
  }

  /** How many cached tokens are bound to something. */
  synchronized int size() {
    return bound.size();
  }
}
