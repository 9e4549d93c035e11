package io.scopegate.authz.decision;

import io.scopegate.authz.RightsChange;
import io.scopegate.authz.RightsChange.Effect;
import io.scopegate.authz.User;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Users and groups whose rights have changed lately. The API server's own view of RBAC lags behind
 * the events it sends, so an answer that was asked for before a change, or that comes soon after
 * it, may still be the old one. Bounded: of too many changes only the time of the last forgotten
 * one is kept, and up to then everybody counts as changed. For any thread.
 */
final class RecentChanges {
  /** For this long after a change the API server's answers may be outdated. */
  static final long LAG_MILLIS = 3_000;

  private static final int MAX_ENTRIES = 20_000;

  private final InstantSource clock;
  // Insertion order is order of time.
  private final Map<Whose, Change> changes = new LinkedHashMap<>();
  private Change forgotten = new Change(0, Long.MIN_VALUE);
  private long latest;

  private record Whose(Effect effect, String namespace, boolean group, String name) {}

  private record Change(long number, long millis) {}

  RecentChanges(InstantSource clock) {
    this.clock = clock;
  }

  /** A moment, for {@link #since}. */
  synchronized long now() {
    return latest;
  }

  /** This has changed just now. */
  synchronized void add(RightsChange change) {
    Change now = new Change(++latest, clock.millis());
    change.users().forEach(name -> add(whose(change, false, name), now));
    change.groups().forEach(name -> add(whose(change, true, name), now));
  }

  private static Whose whose(RightsChange change, boolean group, String name) {
    return new Whose(change.effect(), change.namespace(), group, name);
  }

  private void add(Whose whose, Change now) {
    changes.remove(whose);
    changes.put(whose, now);
    if (changes.size() > MAX_ENTRIES) {
      Iterator<Change> oldest = changes.values().iterator();
      Change gone = oldest.next();
      oldest.remove();
      if (gone.number() > forgotten.number()) {
        forgotten = gone;
      }
    }
  }

  /**
   * Whether an answer that was asked for at a moment may have changed since.
   *
   * @param namespace of what was asked about; empty for none
   */
  synchronized boolean since(long moment, User user, String namespace, Effect effect) {
    return last(user, namespace, effect).number() > moment;
  }

  /**
   * How long ago such a change was that the API server's answers may not show yet.
   *
   * @return in milliseconds; -1 when there is none
   */
  synchronized long lagging(User user, String namespace, Effect effect) {
    Change last = last(user, namespace, effect);
    // A clock that was set back a little must not end it, nor one that was set back far prolong it.
    long age = last.number() > 0 ? Math.abs(clock.millis() - last.millis()) : LAG_MILLIS;
    return age < LAG_MILLIS ? age : -1;
  }

  private Change last(User user, String namespace, Effect effect) {
    Change everywhere = last(user, new Whose(effect, "", false, user.name()), forgotten);
    return namespace.isEmpty()
        ? everywhere
        : last(user, new Whose(effect, namespace, false, user.name()), everywhere);
  }

  private Change last(User user, Whose own, Change before) {
    Change last = later(before, changes.get(own));
    for (String group : user.groups()) {
      last = later(last, changes.get(new Whose(own.effect(), own.namespace(), true, group)));
    }
    return last;
  }

  private static Change later(Change one, @Nullable Change other) {
    return other != null && other.number() > one.number() ? other : one;
  }
}
