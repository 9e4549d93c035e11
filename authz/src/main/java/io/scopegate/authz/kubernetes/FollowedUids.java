package io.scopegate.authz.kubernetes;

import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Which objects of a kind there are: only their UIDs, some 70 bytes each, to tell after a gap which
 * of them are gone.
 */
final class FollowedUids implements FollowedObjects {
  private static final int MAX_OBJECTS = 500_000;

  private final Consumer<String> gone;
  private Set<Object> known = new HashSet<>();
  private Set<Object> listed = new HashSet<>();

  /**
   * Nothing is known yet.
   *
   * @param gone hears the UID of what is gone
   */
  FollowedUids(Consumer<String> gone) {
    this.gone = gone;
  }

  @Override
  public void listing() {
    listed = new HashSet<>();
  }

  @Override
  public void listed(JsonObject object) throws TooManyObjectsException {
    add(listed, object);
  }

  @Override
  public void listed() {
    Set<Object> before = known;
    known = listed;
    listed = new HashSet<>();
    for (Object uid : before) {
      if (!known.contains(uid)) {
        gone.accept(uid.toString());
      }
    }
  }

  @Override
  public void changed(JsonObject object) throws TooManyObjectsException {
    add(known, object);
  }

  @Override
  public void deleted(JsonObject object) {
    Object uid = uid(object);
    known.remove(uid);
    gone.accept(uid.toString());
  }

  private static void add(Set<Object> uids, JsonObject object) throws TooManyObjectsException {
    uids.add(uid(object));
    if (uids.size() > MAX_OBJECTS) {
      throw new TooManyObjectsException(MAX_OBJECTS);
    }
  }

  /** Half as long as a UUID, which it nearly always is. */
  private static Object uid(JsonObject object) {
    String uid = object.getJsonObject("metadata", new JsonObject()).getString("uid", "");
    if (uid.isEmpty()) {
      throw new IllegalArgumentException("metadata.uid: missing (expected: one)");
    }
    try {
      UUID compact = UUID.fromString(uid);
      return compact.toString().equals(uid) ? compact : uid;
    } catch (IllegalArgumentException e) {
      return uid;
    }
  }
}
