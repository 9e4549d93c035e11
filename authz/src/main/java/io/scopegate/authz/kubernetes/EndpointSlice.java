package io.scopegate.authz.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A part of the servers of a Service, all of one kind of address.
 *
 * @param addressType {@code IPv4}, {@code IPv6} or {@code FQDN}
 * @see <a
 *     href="https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/">EndpointSlice</a>
 */
record EndpointSlice(String addressType, List<Port> ports, List<Endpoint> endpoints) {
  EndpointSlice {
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
  }

  /**
   * A port of all its servers.
   *
   * @param name of the Service's port; empty where it has only one
   */
  record Port(String name, int number) {
    @Override
    public String toString() {
      return name.isEmpty() ? Integer.toString(number) : name + " (" + number + ")";
    }
  }

  /**
   * One server.
   *
   * @param address the first of its addresses, which stand for one another
   * @param target the object behind it, by its UID; empty when there is none
   * @param isReady whether it wants requests
   * @param isServing whether it takes them, perhaps while it ends
   * @param isTerminating whether it ends
   * @param forZones the zones whose callers it is meant for; empty for no hint
   */
  record Endpoint(
      String address,
      String target,
      boolean isReady,
      boolean isServing,
      boolean isTerminating,
      List<String> forZones) {
    Endpoint {
      forZones = List.copyOf(forZones);
    }
  }

  /**
   * Reads an object.
   *
   * @throws ClassCastException when a field has the wrong type
   */
  static EndpointSlice of(JsonObject object) {
    List<Port> ports = new ArrayList<>();
    for (JsonObject port : objects(object, "ports")) {
      Integer number = port.getInteger("port");
      boolean isTcp = text(port, "protocol", "TCP").toUpperCase(Locale.ROOT).equals("TCP");
      if (number != null && isTcp) {
        ports.add(new Port(text(port, "name", ""), number));
      }
    }
    List<Endpoint> endpoints = new ArrayList<>();
    for (JsonObject endpoint : objects(object, "endpoints")) {
      JsonArray addresses = endpoint.getJsonArray("addresses");
      if (addresses != null && !addresses.isEmpty()) {
        endpoints.add(endpoint(endpoint, addresses.getString(0)));
      }
    }
    return new EndpointSlice(text(object, "addressType", ""), ports, endpoints);
  }

  /** Of a condition that is missing: ready, and serving like ready, but not terminating. */
  private static Endpoint endpoint(JsonObject endpoint, String address) {
    JsonObject conditions = object(endpoint, "conditions");
    boolean isReady = flag(conditions, "ready", true);
    List<String> zones = new ArrayList<>();
    for (JsonObject zone : objects(object(endpoint, "hints"), "forZones")) {
      zones.add(text(zone, "name", ""));
    }
    return new Endpoint(
        address,
        text(object(endpoint, "targetRef"), "uid", ""),
        isReady,
        flag(conditions, "serving", isReady),
        flag(conditions, "terminating", false),
        zones);
  }

  private static JsonObject object(JsonObject parent, String key) {
    JsonObject value = parent.getJsonObject(key);
    return value == null ? new JsonObject() : value;
  }

  private static List<JsonObject> objects(JsonObject parent, String key) {
    List<JsonObject> all = new ArrayList<>();
    JsonArray array = parent.getJsonArray(key);
    for (int i = 0; array != null && i < array.size(); i++) {
      all.add(array.getJsonObject(i));
    }
    return all;
  }

  private static String text(JsonObject object, String key, String otherwise) {
    @Nullable String value = object.getString(key);
    return value == null ? otherwise : value;
  }

  private static boolean flag(JsonObject object, String key, boolean otherwise) {
    @Nullable Boolean value = object.getBoolean(key);
    return value == null ? otherwise : value;
  }
}
