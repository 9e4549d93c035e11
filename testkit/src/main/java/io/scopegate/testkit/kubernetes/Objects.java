package io.scopegate.testkit.kubernetes;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Lists and changes objects as requests say. */
final class Objects {
  private final ObjectStore store;

  Objects(ObjectStore store) {
    this.store = store;
  }

  /**
   * A list in the order of names, in parts when {@code limit} asks for it. Parts after the first
   * show things as they are by then, under the first one's revision.
   */
  JsonObject list(RequestPath path, Resource resource, HttpServerRequest request) {
    Part part = Part.of(request, store.revision());
    store.refuseForgotten(part.revision());
    List<JsonObject> rest =
        store.list(resource, path.namespace()).stream()
            .filter(selected(request))
            .sorted(Comparator.comparing(Objects::place))
            .filter(object -> place(object).compareTo(part.after()) > 0)
            .toList();
    List<JsonObject> items = rest.subList(0, Math.min(rest.size(), part.limit()));
    JsonObject metadata = new JsonObject().put("resourceVersion", Long.toString(part.revision()));
    if (items.size() < rest.size()) {
      metadata
          .put("continue", part.next(place(items.get(items.size() - 1))))
          .put("remainingItemCount", rest.size() - items.size());
    }
    boolean partial = isPartial(request);
    return new JsonObject()
        .put("kind", partial ? "PartialObjectMetadataList" : resource.kind() + "List")
        .put("apiVersion", partial ? "meta.k8s.io/v1" : resource.apiVersion())
        .put("metadata", metadata)
        .put(
            "items",
            new JsonArray(
                partial ? items.stream().map(Objects::partial).toList() : List.copyOf(items)));
  }

  /** Whether only the metadata is asked for. */
  static boolean isPartial(HttpServerRequest request) {
    String accept = request.getHeader("accept");
    return accept != null && accept.contains("as=PartialObjectMetadata");
  }

  /** An object without all but its metadata. */
  static JsonObject partial(JsonObject object) {
    return new JsonObject()
        .put("kind", "PartialObjectMetadata")
        .put("apiVersion", "meta.k8s.io/v1")
        .put("metadata", object.getJsonObject("metadata"));
  }

  private static String place(JsonObject object) {
    JsonObject metadata = object.getJsonObject("metadata");
    return metadata.getString("namespace", "") + "/" + metadata.getString("name");
  }

  /** Where a part of a list begins, and how long it may be. */
  private record Part(int limit, long revision, String after) {
    static Part of(HttpServerRequest request, long now) {
      String limit = request.getParam("limit");
      int most = limit == null || limit.equals("0") ? Integer.MAX_VALUE : Integer.parseInt(limit);
      String token = request.getParam("continue");
      if (token == null || token.isEmpty()) {
        return new Part(most, now, "");
      }
      JsonObject last = new JsonObject(Buffer.buffer(Base64.getUrlDecoder().decode(token)));
      return new Part(most, last.getLong("revision"), last.getString("after"));
    }

    String next(String last) {
      JsonObject token = new JsonObject().put("revision", revision).put("after", last);
      return Base64.getUrlEncoder().encodeToString(token.toBuffer().getBytes());
    }
  }

  JsonObject write(RequestPath path, Resource resource, HttpServerRequest request, Buffer body) {
    return switch (path.verb()) {
      case "create" -> store.create(resource, path.namespace(), new JsonObject(body));
      case "update" -> store.update(resource, path.namespace(), path.name(), new JsonObject(body));
      case "patch" -> patch(path, resource, request, body);
      case "delete" -> delete(path, resource);
      default -> throw new ApiException(405, "MethodNotAllowed", "method not allowed");
    };
  }

  /** What a selector in a query asks for: names, and labels by equality. */
  static Predicate<JsonObject> selected(HttpServerRequest request) {
    return fields(request.getParam("fieldSelector")).and(labels(request.getParam("labelSelector")));
  }

  private JsonObject delete(RequestPath path, Resource resource) {
    JsonObject gone = store.delete(resource, path.namespace(), path.name());
    JsonObject metadata = gone.getJsonObject("metadata");
    return new JsonObject()
        .put("kind", "Status")
        .put("apiVersion", "v1")
        .put("metadata", new JsonObject())
        .put("status", "Success")
        .put(
            "details",
            new JsonObject()
                .put("name", metadata.getString("name"))
                .put("uid", metadata.getString("uid")));
  }

  /** Merge patches; a server-side apply (YAML or JSON) creates what is not there. */
  private JsonObject patch(
      RequestPath path, Resource resource, HttpServerRequest request, Buffer body) {
    String type = String.valueOf(request.getHeader("content-type"));
    if (type.startsWith("application/apply-patch")) {
      JsonObject wanted = Manifests.parse(body.toString()).get(0);
      return store.find(resource, path.namespace(), path.name()) == null
          ? store.create(resource, path.namespace(), wanted)
          : store.update(resource, path.namespace(), path.name(), wanted);
    }
    if (!type.contains("merge-patch")) {
      throw new ApiException(415, "UnsupportedMediaType", "patch type not supported: " + type);
    }
    JsonObject object = store.get(resource, path.namespace(), path.name()).copy();
    merge(object, new JsonObject(body));
    return store.update(resource, path.namespace(), path.name(), object);
  }

  /** RFC 7396. */
  private static void merge(JsonObject target, JsonObject patch) {
    for (String key : patch.fieldNames()) {
      Object value = patch.getValue(key);
      if (value == null) {
        target.remove(key);
      } else if (value instanceof JsonObject inner && target.getValue(key) instanceof JsonObject) {
        merge(target.getJsonObject(key), inner);
      } else {
        target.put(key, value);
      }
    }
  }

  private static Predicate<JsonObject> fields(@Nullable String selector) {
    return pairs(
        selector,
        (object, field) ->
            field.startsWith("metadata.")
                ? object.getJsonObject("metadata").getString(field.substring("metadata.".length()))
                : null);
  }

  private static Predicate<JsonObject> labels(@Nullable String selector) {
    return pairs(
        selector,
        (object, label) ->
            object
                .getJsonObject("metadata")
                .getJsonObject("labels", new JsonObject())
                .getString(label));
  }

  private static Predicate<JsonObject> pairs(@Nullable String selector, Reading reading) {
    Predicate<JsonObject> all = object -> true;
    if (selector == null || selector.isEmpty()) {
      return all;
    }
    for (String term : selector.split(",")) {
      int equals = term.indexOf('=');
      if (equals < 1) {
        throw ApiException.badRequest("selector not supported: " + term);
      }
      boolean not = term.charAt(equals - 1) == '!';
      String key = term.substring(0, not ? equals - 1 : equals);
      String value = term.substring(term.lastIndexOf('=') + 1);
      all = all.and(object -> value.equals(reading.of(object, key)) != not);
    }
    return all;
  }

  private interface Reading {
    @Nullable String of(JsonObject object, String key);
  }
}
