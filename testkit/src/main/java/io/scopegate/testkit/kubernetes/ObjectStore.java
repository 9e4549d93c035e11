package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All objects, their revisions, and who watches them. Safe for use from any thread. */
final class ObjectStore implements View {
  private static final int HISTORY = 10_000;

  private final Map<Resource, Map<Key, JsonObject>> objects = new EnumMap<>(Resource.class);
  private final Deque<Change> history = new ArrayDeque<>();
  private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
  private long revision = 1;
  private long forgotten = 1;

  @Override
  public synchronized Collection<JsonObject> list(Resource resource, String namespace) {
    return all(resource).entrySet().stream()
        .filter(entry -> namespace.isEmpty() || entry.getKey().namespace().equals(namespace))
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  public synchronized @Nullable JsonObject find(Resource resource, String namespace, String name) {
    return all(resource).get(new Key(namespace, name));
  }

  synchronized JsonObject get(Resource resource, String namespace, String name) {
    JsonObject found = find(resource, namespace, name);
    if (found == null) {
      throw ApiException.notFound(resource, name);
    }
    return found;
  }

  /** The latest revision. */
  synchronized long revision() {
    return revision;
  }

  synchronized JsonObject create(Resource resource, String namespace, JsonObject object) {
    JsonObject made = prepared(resource, namespace, object);
    JsonObject metadata = made.getJsonObject("metadata");
    Key key = new Key(namespace, metadata.getString("name"));
    if (all(resource).containsKey(key)) {
      throw ApiException.alreadyExists(resource, key.name());
    }
    if (resource.namespaced() && find(Resource.NAMESPACES, "", namespace) == null) {
      throw ApiException.notFound(Resource.NAMESPACES, namespace);
    }
    metadata
        .put("uid", UUID.randomUUID().toString())
        .put("creationTimestamp", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    return put("ADDED", resource, key, made);
  }

  synchronized JsonObject update(
      Resource resource, String namespace, String name, JsonObject object) {
    JsonObject before = get(resource, namespace, name);
    JsonObject made = prepared(resource, namespace, object);
    JsonObject was = before.getJsonObject("metadata");
    JsonObject metadata = made.getJsonObject("metadata");
    String expected = metadata.getString("resourceVersion", "");
    if (!expected.isEmpty() && !expected.equals(was.getString("resourceVersion"))) {
      throw ApiException.conflict(resource, name);
    }
    metadata
        .put("name", name)
        .put("uid", was.getString("uid"))
        .put("creationTimestamp", was.getString("creationTimestamp"));
    return put("MODIFIED", resource, new Key(namespace, name), made);
  }

  synchronized JsonObject delete(Resource resource, String namespace, String name) {
    JsonObject before = get(resource, namespace, name);
    if (resource == Resource.NAMESPACES) {
      deleteContents(name);
    }
    JsonObject last = before.copy();
    revision++;
    last.getJsonObject("metadata").put("resourceVersion", Long.toString(revision));
    all(resource).remove(new Key(namespace, name));
    publish(new Change(revision, "DELETED", resource, last));
    if (resource == Resource.CLUSTER_ROLES) {
      aggregate();
    }
    return last;
  }

  /** A copy that does not change any more. */
  synchronized View snapshot() {
    ObjectStore copy = new ObjectStore();
    objects.forEach((resource, objects) -> copy.all(resource).putAll(objects));
    return copy;
  }

  /** Makes every watch that starts from an older revision fail with 410. */
  synchronized void compact() {
    revision++;
    history.clear();
    forgotten = revision;
  }

  /** As a watch from there is refused: 410 when the changes since then are forgotten. */
  synchronized void refuseForgotten(long since) {
    if (since < forgotten) {
      throw ApiException.expired(since, forgotten);
    }
  }

  /**
   * Hears of changes, those after a revision first. Events come in order, under the store's lock:
   * the listener must hand them on.
   *
   * @param since 0 for the objects that exist now
   * @throws ApiException 410 when the changes since then are forgotten
   */
  synchronized Runnable watch(
      Resource resource, String namespace, long since, Consumer<Change> listener) {
    Watcher watcher = new Watcher(resource, namespace, listener);
    if (since == 0) {
      list(resource, namespace)
          .forEach(
              object -> listener.accept(new Change(revisionOf(object), "ADDED", resource, object)));
    } else if (since < forgotten) {
      throw ApiException.expired(since, forgotten);
    } else {
      history.stream().filter(change -> change.revision() > since).forEach(watcher::offer);
    }
    watchers.add(watcher);
    return () -> watchers.remove(watcher);
  }

  private Map<Key, JsonObject> all(Resource resource) {
    return objects.computeIfAbsent(resource, r -> new LinkedHashMap<>());
  }

  private JsonObject put(String type, Resource resource, Key key, JsonObject object) {
    revision++;
    object.getJsonObject("metadata").put("resourceVersion", Long.toString(revision));
    all(resource).put(key, object);
    publish(new Change(revision, type, resource, object));
    if (resource == Resource.CLUSTER_ROLES) {
      aggregate();
    }
    return all(resource).getOrDefault(key, object);
  }

  private void publish(Change change) {
    if (history.size() == HISTORY) {
      forgotten = history.removeFirst().revision();
    }
    history.add(change);
    watchers.forEach(watcher -> watcher.offer(change));
  }

  private void deleteContents(String namespace) {
    for (Resource resource : Resource.values()) {
      if (resource.namespaced()) {
        List.copyOf(list(resource, namespace))
            .forEach(object ->
                delete(resource, namespace, object.getJsonObject("metadata").getString("name")));
      }
    }
  }

  /** Does what the controller manager does: writes the rules of aggregated cluster roles. */
  private void aggregate() {
    for (JsonObject role : List.copyOf(list(Resource.CLUSTER_ROLES, ""))) {
      JsonObject aggregation = role.getJsonObject("aggregationRule");
      if (aggregation == null) {
        continue;
      }
      JsonArray rules = new JsonArray();
      selected(role, aggregation).forEach(part -> part.getJsonArray("rules").forEach(rules::add));
      if (!rules.equals(role.getJsonArray("rules", new JsonArray()))) {
        String name = role.getJsonObject("metadata").getString("name");
        put(
            "MODIFIED",
            Resource.CLUSTER_ROLES,
            new Key("", name),
            role.copy().put("rules", rules.copy()));
        return; // which aggregates again, for roles that aggregate this one
      }
    }
  }

  private List<JsonObject> selected(JsonObject aggregated, JsonObject aggregation) {
    List<JsonObject> parts = new ArrayList<>();
    for (Object selector : aggregation.getJsonArray("clusterRoleSelectors", new JsonArray())) {
      JsonObject wanted = ((JsonObject) selector).getJsonObject("matchLabels", new JsonObject());
      list(Resource.CLUSTER_ROLES, "").stream()
          .filter(role -> role != aggregated && !parts.contains(role))
          .filter(role -> role.getJsonArray("rules") != null)
          .filter(role -> hasLabels(role, wanted))
          .forEach(parts::add);
    }
    return parts;
  }

  private static boolean hasLabels(JsonObject object, JsonObject wanted) {
    JsonObject labels = object.getJsonObject("metadata").getJsonObject("labels", new JsonObject());
    return wanted.stream()
        .allMatch(label -> label.getValue().equals(labels.getValue(label.getKey())));
  }

  private static JsonObject prepared(Resource resource, String namespace, JsonObject object) {
    JsonObject made = object.copy();
    JsonObject metadata = made.getJsonObject("metadata", new JsonObject());
    if (metadata.getString("name", "").isEmpty()) {
      String prefix = metadata.getString("generateName", "");
      if (prefix.isEmpty()) {
        throw ApiException.invalid("metadata.name: Required value: name or generateName");
      }
      metadata.put("name", prefix + UUID.randomUUID().toString().substring(0, 5));
    }
    if (resource.namespaced()) {
      metadata.put("namespace", namespace);
    }
    return made.put("apiVersion", resource.apiVersion())
        .put("kind", resource.kind())
        .put("metadata", metadata);
  }

  private static long revisionOf(JsonObject object) {
    return Long.parseLong(object.getJsonObject("metadata").getString("resourceVersion"));
  }

  /**
   * Something that happened.
   *
   * @param revision when
   * @param type ADDED, MODIFIED or DELETED
   * @param resource to what kind
   * @param object as it is afterwards; never to be changed
   */
  record Change(long revision, String type, Resource resource, JsonObject object) {}

  private record Key(String namespace, String name) {}

  private record Watcher(Resource resource, String namespace, Consumer<Change> listener) {
    void offer(Change change) {
      String where = change.object().getJsonObject("metadata").getString("namespace", "");
      if (change.resource() == resource && (namespace.isEmpty() || namespace.equals(where))) {
        listener.accept(change);
      }
    }
  }
}
