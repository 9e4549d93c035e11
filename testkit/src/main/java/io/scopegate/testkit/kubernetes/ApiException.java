package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonObject;

/** A refusal that is answered as a {@code Status} object. */
final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int code;
  private final String reason;

  ApiException(int code, String reason, String message) {
    super(message, null, false, false);
    this.code = code;
    this.reason = reason;
  }

  static ApiException notFound(Resource resource, String name) {
    return new ApiException(
        404, "NotFound", "%s \"%s\" not found".formatted(plural(resource), name));
  }

  static ApiException alreadyExists(Resource resource, String name) {
    return new ApiException(
        409, "AlreadyExists", "%s \"%s\" already exists".formatted(plural(resource), name));
  }

  static ApiException conflict(Resource resource, String name) {
    return new ApiException(
        409,
        "Conflict",
        "Operation cannot be fulfilled on %s \"%s\": the object has been modified"
            .formatted(plural(resource), name));
  }

  static ApiException invalid(String message) {
    return new ApiException(422, "Invalid", message);
  }

  static ApiException badRequest(String message) {
    return new ApiException(400, "BadRequest", message);
  }

  static ApiException expired(long revision, long oldest) {
    return new ApiException(
        410, "Expired", "too old resource version: %d (%d)".formatted(revision, oldest));
  }

  int code() {
    return code;
  }

  JsonObject status() {
    return new JsonObject()
        .put("kind", "Status")
        .put("apiVersion", "v1")
        .put("metadata", new JsonObject())
        .put("status", "Failure")
        .put("message", getMessage())
        .put("reason", reason)
        .put("code", code);
  }

  private static String plural(Resource resource) {
    return resource.group().isEmpty()
        ? resource.plural()
        : resource.plural() + "." + resource.group();
  }
}
