package io.scopegate.authz.kubernetes;

import io.scopegate.authz.kubernetes.EndpointSlice.Endpoint;
import io.scopegate.authz.kubernetes.EndpointSlice.Port;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a Service that are to be used. Those that are ready; when there are none, those
 * that end but still take requests. A server with addresses of both kinds is one, by its IPv4
 * address.
 *
 * @param all each once; may be none
 * @param whyNone why there are none; empty when there are some
 */
public record ServiceServers(List<Server> all, String whyNone) {
  private static final List<String> FAMILIES = List.of("IPv4", "IPv6");

  /** Copies the list. */
  public ServiceServers {
    all = List.copyOf(all);
  }

  /**
   * A server.
   *
   * @param address an IP address
   * @param port 1 to 65535
   * @param isNear whether it is meant for the caller's zone
   */
  public record Server(String address, int port, boolean isNear) {}

  /** What the slices say about a port. */
  static ServiceServers of(ServicePort of, Collection<EndpointSlice> slices) {
    Map<String, Candidate> candidates = new LinkedHashMap<>();
    slices.stream()
        .filter(slice -> FAMILIES.contains(slice.addressType()))
        .sorted(Comparator.comparing(EndpointSlice::addressType))
        .forEach(slice -> add(of, slice, candidates));
    List<Candidate> used = chosen(candidates.values(), Endpoint::isReady);
    if (used.isEmpty()) {
      used = chosen(candidates.values(), one -> one.isServing() && one.isTerminating());
    }
    return used.isEmpty()
        ? new ServiceServers(List.of(), whyNone(of, slices, candidates.size()))
        : new ServiceServers(servers(used, of.zone()), "");
  }

  private record Candidate(Endpoint endpoint, int port) {}

  private static void add(ServicePort of, EndpointSlice slice, Map<String, Candidate> candidates) {
    Port port = slice.ports().stream().filter(of::isMeant).findFirst().orElse(null);
    if (port != null) {
      for (Endpoint one : slice.endpoints()) {
        String place = one.address() + " " + port.number();
        String key = one.target().isEmpty() ? place : one.target();
        candidates.merge(key, new Candidate(one, port.number()), ServiceServers::better);
      }
    }
  }

  /** While a server moves from one slice to another it may be in both. */
  private static Candidate better(Candidate first, Candidate second) {
    return !first.endpoint().isReady() && second.endpoint().isReady() ? second : first;
  }

  private static List<Candidate> chosen(Collection<Candidate> all, Predicate<Endpoint> wanted) {
    return all.stream().filter(one -> wanted.test(one.endpoint())).toList();
  }

  /** Hints count when all servers have one, and any is for this zone, as for kube-proxy. */
  private static List<Server> servers(List<Candidate> used, @Nullable String zone) {
    boolean hinted = used.stream().noneMatch(one -> one.endpoint().forZones().isEmpty());
    List<Server> servers = new ArrayList<>();
    for (Candidate one : used) {
      boolean isNear = hinted && zone != null && one.endpoint().forZones().contains(zone);
      servers.add(new Server(one.endpoint().address(), one.port(), isNear));
    }
    return servers;
  }

  private static String whyNone(ServicePort of, Collection<EndpointSlice> slices, int unready) {
    if (slices.isEmpty()) {
      return "there is no EndpointSlice of it, so no such Service, or one without Pods";
    }
    if (unready > 0) {
      return "none of its " + unready + " servers is ready";
    }
    String ports =
        slices.stream()
            .flatMap(slice -> slice.ports().stream())
            .distinct()
            .map(Port::toString)
            .sorted()
            .collect(Collectors.joining(", "));
    boolean isThere =
        slices.stream().flatMap(slice -> slice.ports().stream()).anyMatch(of::isMeant);
    return isThere || ports.isEmpty()
        ? "it has no servers"
        : "it has no port " + of.port() + " (expected: one of " + ports + ")";
  }
}
