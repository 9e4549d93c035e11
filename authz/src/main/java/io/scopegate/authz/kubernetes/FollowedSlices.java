package io.scopegate.authz.kubernetes;

import io.vertx.core.json.JsonObject;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The slices of a Service; for one thread at a time. */
final class FollowedSlices implements FollowedObjects {
  /** A slice has up to a hundred servers, and may have a thousand. */
  private static final int MAX_SLICES = 1_000;

  private final Consumer<Collection<EndpointSlice>> changed;
  private Map<String, EndpointSlice> known = new LinkedHashMap<>();
  private Map<String, EndpointSlice> listed = new LinkedHashMap<>();
  private boolean complete;

  /**
   * Nothing is known yet.
   *
   * @param changed gets all that there are, each time that this has changed
   */
  FollowedSlices(Consumer<Collection<EndpointSlice>> changed) {
    this.changed = changed;
  }

  @Override
  public void listing() {
    listed = new LinkedHashMap<>();
  }

  @Override
  public void listed(JsonObject object) throws TooManyObjectsException {
    put(listed, object);
  }

  @Override
  public void listed() {
    boolean isNew = !complete || !known.equals(listed);
    complete = true;
    known = listed;
    listed = new LinkedHashMap<>();
    if (isNew) {
      tell();
    }
  }

  @Override
  public void changed(JsonObject object) throws TooManyObjectsException {
    put(known, object);
    tell();
  }

  @Override
  public void deleted(JsonObject object) {
    known.remove(name(object));
    tell();
  }

  private void tell() {
    changed.accept(List.copyOf(known.values()));
  }

  private static void put(Map<String, EndpointSlice> slices, JsonObject object)
      throws TooManyObjectsException {
    slices.put(name(object), EndpointSlice.of(object));
    if (slices.size() > MAX_SLICES) {
      throw new TooManyObjectsException(MAX_SLICES);
    }
  }

  private static String name(JsonObject object) {
    String name = object.getJsonObject("metadata", new JsonObject()).getString("name", "");
    if (name.isEmpty()) {
      throw new IllegalArgumentException("metadata.name: missing (expected: one)");
    }
    return name;
  }
}
