package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/**
 * One rule of a role.
 *
 * @param verbs {@code *} for all
 * @param apiGroups the core group is empty
 * @param resources names, {@code resource/subresource}, or {@code *}
 * @param resourceNames only these objects; empty for all
 * @param nonResourceUrls paths; only in cluster roles
 */
public record Rule(
    List<String> verbs,
    List<String> apiGroups,
    List<String> resources,
    List<String> resourceNames,
    List<String> nonResourceUrls) {

  /** Copies the lists. */
  public Rule {
    verbs = List.copyOf(verbs);
    apiGroups = List.copyOf(apiGroups);
    resources = List.copyOf(resources);
    resourceNames = List.copyOf(resourceNames);
    nonResourceUrls = List.copyOf(nonResourceUrls);
  }

  /** One verb on one resource. */
  public static Rule of(String verb, String apiGroup, String resource) {
    return new Rule(List.of(verb), List.of(apiGroup), List.of(resource), List.of(), List.of());
  }

  /** {@code list} and {@code watch} on resources of a group. */
  public static Rule watch(String apiGroup, String... resources) {
    return new Rule(
        List.of("list", "watch"), List.of(apiGroup), List.of(resources), List.of(), List.of());
  }

  /** {@code get} on a tenant's traces, as tempo-operator has it. */
  public static Rule readTraces(String tenant) {
    return of("get", "tempo.grafana.com", tenant).named("traces");
  }

  /** {@code create} on a tenant's traces, as tempo-operator has it. */
  public static Rule writeTraces(String tenant) {
    return of("create", "tempo.grafana.com", tenant).named("traces");
  }

  /** {@code update} on a tenant's traces: changes of its overrides. */
  public static Rule configureTraces(String tenant) {
    return of("update", "tempo.grafana.com", tenant).named("traces");
  }

  /** The same, for these objects only. */
  public Rule named(String... names) {
    return new Rule(verbs, apiGroups, resources, List.of(names), nonResourceUrls);
  }

  JsonObject toJson() {
    JsonObject json = new JsonObject().put("verbs", array(verbs));
    if (!nonResourceUrls.isEmpty()) {
      return json.put("nonResourceURLs", array(nonResourceUrls));
    }
    json.put("apiGroups", array(apiGroups)).put("resources", array(resources));
    return resourceNames.isEmpty() ? json : json.put("resourceNames", array(resourceNames));
  }

  static Rule fromJson(JsonObject json) {
    return new Rule(
        strings(json, "verbs"),
        strings(json, "apiGroups"),
        strings(json, "resources"),
        strings(json, "resourceNames"),
        strings(json, "nonResourceURLs"));
  }

  private static List<String> strings(JsonObject json, String key) {
    return json.getJsonArray(key, new JsonArray()).stream().map(String::valueOf).toList();
  }

  private static JsonArray array(List<String> strings) {
    return new JsonArray(List.copyOf(strings));
  }
}
