package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonObject;

/**
 * What somebody wants to do: something to a resource, or something at a path.
 *
 * @param verb the verb
 * @param group the API group
 * @param resource the resource, empty when it is about a path
 * @param subresource the subresource, or empty
 * @param name the object, or empty
 * @param namespace the namespace, or empty for the whole cluster
 * @param path the path, when it is not about a resource
 */
record AccessQuestion(
    String verb,
    String group,
    String resource,
    String subresource,
    String name,
    String namespace,
    String path) {

  static AccessQuestion ofPath(String verb, String path) {
    return new AccessQuestion(verb, "", "", "", "", "", path);
  }

  static AccessQuestion ofResource(JsonObject attributes) {
    return new AccessQuestion(
        attributes.getString("verb", ""),
        attributes.getString("group", ""),
        attributes.getString("resource", ""),
        attributes.getString("subresource", ""),
        attributes.getString("name", ""),
        attributes.getString("namespace", ""),
        "");
  }

  boolean isResource() {
    return path.isEmpty();
  }

  /** {@code resource} or {@code resource/subresource}. */
  String combined() {
    return subresource.isEmpty() ? resource : resource + "/" + subresource;
  }
}
