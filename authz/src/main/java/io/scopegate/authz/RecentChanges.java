package io.scopegate.authz;

import java.time.InstantSource;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whose rights have changed lately. The API server's own view of RBAC lags behind the events it
 * sends, so an answer that was asked for before a change, or that comes soon after it, may still be
 * the old one. Bounded: of too many changes only the time of the last forgotten one is kept, and up
 * to then everybody counts as changed. For any thread.
 */
final class RecentChanges {
  /** So long after a change the API server's answers may still be old. */
  static final long LAG_MILLIS = 3_000;

  private static final int MAX_ENTRIES = 10_000;

  private final InstantSource clock;
  // Insertion order is order of time.
  private final Map<String, Change> users = new LinkedHashMap<>();
  private final Map<String, Change> groups = new LinkedHashMap<>();
  private Change forgotten = new Change(0, Long.MIN_VALUE);
  private long latest;

  private record Change(long number, long millis) {}

  RecentChanges(InstantSource clock) {
    this.clock = clock;
  }

  /** A moment, for {@link #since}. */
  synchronized long now() {
    return latest;
  }

  /** The rights of these have changed just now. */
  synchronized void add(Set<String> changedUsers, Set<String> changedGroups) {
    Change change = new Change(++latest, clock.millis());
    changedUsers.forEach(name -> add(users, name, change));
    changedGroups.forEach(name -> add(groups, name, change));
  }

  private void add(Map<String, Change> changes, String name, Change change) {
    changes.remove(name);
    changes.put(name, change);
    if (changes.size() > MAX_ENTRIES) {
      Iterator<Change> oldest = changes.values().iterator();
      Change gone = oldest.next();
      oldest.remove();
      if (gone.number() > forgotten.number()) {
        forgotten = gone;
      }
    }
  }

  /** Whether a user's rights have perhaps changed since a moment. */
  synchronized boolean since(long moment, User user) {
    return last(user).number() > moment;
  }

  /** Whether a user's rights have changed so lately that answers may not show it yet. */
  synchronized boolean lagging(User user) {
    Change last = last(user);
    // A clock that was set back a little must not end it, nor one that was set back far prolong it.
    return last.number() > 0 && Math.abs(clock.millis() - last.millis()) < LAG_MILLIS;
  }

  private Change last(User user) {
    Change last = later(forgotten, users.get(user.name()));
    for (String group : user.groups()) {
      last = later(last, groups.get(group));
    }
    return last;
  }

  private static Change later(Change one, @Nullable Change other) {
    return other != null && other.number() > one.number() ? other : one;
  }
}
