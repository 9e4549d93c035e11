package io.scopegate.authz.kubernetes;

import org.jspecify.annotations.Nullable;

/**
 * A port of a Service, as seen from a zone.
 *
 * @param port the name of the Service's port, or the number of the Pods' port
 * @param zone where the caller is, as {@code topology.kubernetes.io/zone} says it; null when that
 *     is not known
 */
public record ServicePort(String namespace, String service, String port, @Nullable String zone)
    implements Watched {
  /** A right may be granted at any moment, and until then there may be no server. */
  private static final long REFUSED_MILLIS = 10_000;

  @Override
  public String plural() {
    return "endpointslices";
  }

  @Override
  public String path() {
    return "/apis/discovery.k8s.io/v1/namespaces/" + namespace + "/endpointslices";
  }

  @Override
  public String selector() {
    return "kubernetes.io/service-name=" + service;
  }

  @Override
  public long refusedMillis() {
    return REFUSED_MILLIS;
  }

  /** Whether a port of a slice is meant. */
  boolean isMeant(EndpointSlice.Port one) {
    return port.equals(one.name()) || port.equals(Integer.toString(one.number()));
  }

  @Override
  public String toString() {
    return namespace + "/" + service + ":" + port;
  }
}
