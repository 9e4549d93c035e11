package io.scopegate.testkit.kubernetes;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/**
 * An EndpointSlice in the making: the servers of a Service, as the cluster's controller would write
 * them.
 *
 * @param namespace of the Service and the slice
 * @param service the Service's name
 * @param name the slice's name
 * @param addressType {@code IPv4}, {@code IPv6} or {@code FQDN}
 * @param ports as in the object
 * @param endpoints as in the object
 */
public record Slice(
    String namespace,
    String service,
    String name,
    String addressType,
    List<JsonObject> ports,
    List<JsonObject> endpoints) {

  /** Copies the lists. */
  public Slice {
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
  }

  /** One without ports and servers, of IPv4. */
  public static Slice of(String namespace, String service, String name) {
    return new Slice(namespace, service, name, "IPv4", List.of(), List.of());
  }

  /** The same for addresses of this kind. */
  public Slice addressType(String type) {
    return new Slice(namespace, service, name, type, ports, endpoints);
  }

  /** The same with one more port; an empty name is left out. */
  public Slice port(String portName, int number) {
    JsonObject port = new JsonObject().put("port", number).put("protocol", "TCP");
    List<JsonObject> all = new ArrayList<>(ports);
    all.add(portName.isEmpty() ? port : port.put("name", portName));
    return new Slice(namespace, service, name, addressType, all, endpoints);
  }

  /** The same with one more server that is ready. */
  public Slice ready(String address) {
    return endpoint(address, true, true, false);
  }

  /** The same with one more server that ends, and still takes requests. */
  public Slice terminating(String address) {
    return endpoint(address, false, true, true);
  }

  /** The same with one more server that takes no requests yet. */
  public Slice starting(String address) {
    return endpoint(address, false, false, false);
  }

  private Slice endpoint(String address, boolean ready, boolean serving, boolean terminating) {
    JsonObject conditions =
        new JsonObject()
            .put("ready", ready)
            .put("serving", serving)
            .put("terminating", terminating);
    return endpoint(
        new JsonObject()
            .put("addresses", new JsonArray().add(address))
            .put("conditions", conditions));
  }

  /** The same with one more server, as in the object. */
  public Slice endpoint(JsonObject endpoint) {
    List<JsonObject> all = new ArrayList<>(endpoints);
    all.add(endpoint);
    return new Slice(namespace, service, name, addressType, ports, all);
  }

  /** The same with the last server meant for callers in these zones. */
  public Slice forZones(String... zones) {
    JsonArray hints = new JsonArray();
    for (String zone : zones) {
      hints.add(new JsonObject().put("name", zone));
    }
    return with("hints", new JsonObject().put("forZones", hints));
  }

  /** The same with the last server being this Pod. */
  public Slice target(String uid) {
    return with("targetRef", new JsonObject().put("kind", "Pod").put("uid", uid));
  }

  private Slice with(String key, JsonObject value) {
    List<JsonObject> all = new ArrayList<>(endpoints);
    int last = all.size() - 1;
    all.set(last, all.get(last).copy().put(key, value));
    return new Slice(namespace, service, name, addressType, ports, all);
  }

  /** The object. */
  public JsonObject toJson() {
    JsonObject labels = new JsonObject().put("kubernetes.io/service-name", service);
    return new JsonObject()
        .put("apiVersion", Resource.ENDPOINT_SLICES.apiVersion())
        .put("kind", Resource.ENDPOINT_SLICES.kind())
        .put(
            "metadata",
            new JsonObject().put("name", name).put("namespace", namespace).put("labels", labels))
        .put("addressType", addressType)
        .put("ports", new JsonArray(ports))
        .put("endpoints", new JsonArray(endpoints));
  }
}
