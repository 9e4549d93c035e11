package io.scopegate.gateway.reload;

import io.scopegate.config.HostPort;
import io.scopegate.gateway.configuration.GatewayConfig;
import io.scopegate.gateway.forward.UpstreamConfig;
import io.scopegate.gateway.listen.ListenerConfig;
import io.scopegate.gateway.tls.TlsConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What has to be done so that a configuration is in force. Pure: it opens, reads and closes
 * nothing, {@link ActiveConfiguration} does.
 *
 * @param upstreams in the order in which they are done
 * @param tls whose files are read, for each listener of the configuration
 * @param listeners in the order in which they are done: first what needs no other's port, then what
 *     is closed, then what waits for a port to be free
 */
record ReloadPlan(
    List<UpstreamStep> upstreams, Map<String, Tls> tls, List<ListenerStep> listeners) {

  ReloadPlan {
    upstreams = List.copyOf(upstreams);
    tls = Collections.unmodifiableMap(new LinkedHashMap<>(tls));
    listeners = List.copyOf(listeners);
  }

  /**
   * Where a listener is now.
   *
   * @param address as configured; null when it is not open
   * @param port what it is bound to; 0 when it is not open
   */
  record Bound(@Nullable HostPort address, int port) {
    static final Bound CLOSED = new Bound(null, 0);
  }

  /** Something to do with an upstream. */
  sealed interface UpstreamStep {
    String name();
  }

  /** It is new, or another than that of this name. */
  record Create(String name) implements UpstreamStep {}

  /** It is the same: its pools and connections stay. */
  record Reuse(String name) implements UpstreamStep {}

  /** No request goes there any more; what is in progress ends. */
  record Retire(String name) implements UpstreamStep {}

  /** What happens to a listener's certificates. */
  enum Tls {
    /** It has none. */
    NONE,
    /** They are those that it has, with the watch of their files. */
    REUSE,
    /** They are read. */
    READ
  }

  /** Something to do with a listener. */
  sealed interface ListenerStep {
    String name();
  }

  /** It stays where it is. */
  record Keep(String name) implements ListenerStep {}

  /** It is not open yet, and its port is free. */
  record Open(String name, HostPort address) implements ListenerStep {}

  /** It is opened at another place, and then closed at its old one. */
  record Move(String name, HostPort address) implements ListenerStep {}

  /** It is closed for good. */
  record Close(String name) implements ListenerStep {}

  /**
   * Its port is in use, by others or by itself on another host: all listeners of this kind leave
   * their places before the first of them is opened.
   *
   * @param before where it was, to return to; null when it was not open
   */
  record OpenLate(String name, HostPort address, @Nullable HostPort before)
      implements ListenerStep {}

  /**
   * From one configuration to the next.
   *
   * @param current what is in force; null when nothing is yet
   * @param bound the listeners that there are, by name
   */
  static ReloadPlan between(
      @Nullable GatewayConfig current, GatewayConfig next, Map<String, Bound> bound) {
    return new ReloadPlan(
        upstreams(current == null ? Map.of() : current.effectiveUpstreams(), next),
        tls(current == null ? Map.of() : current.listeners(), next, bound),
        listeners(next, bound));
  }

  private static List<UpstreamStep> upstreams(
      Map<String, UpstreamConfig> current, GatewayConfig config) {
    Map<String, UpstreamConfig> next = config.effectiveUpstreams();
    List<UpstreamStep> steps = new ArrayList<>();
    next.forEach((name, wanted) ->
        steps.add(wanted.equals(current.get(name)) ? new Reuse(name) : new Create(name)));
    current.forEach((name, old) -> {
      if (!old.equals(next.get(name))) {
        steps.add(new Retire(name));
      }
    });
    return steps;
  }

  private static Map<String, Tls> tls(
      Map<String, ListenerConfig> current, GatewayConfig next, Map<String, Bound> bound) {
    Map<String, Tls> tls = new LinkedHashMap<>();
    next.listeners()
        .forEach((name, wanted) ->
            tls.put(name, tls(bound.containsKey(name) ? current.get(name) : null, wanted)));
    return tls;
  }

  private static Tls tls(@Nullable ListenerConfig current, ListenerConfig wanted) {
    if (wanted.tls().mode() == TlsConfig.Mode.DISABLED) {
      return Tls.NONE;
    }
    boolean same =
        current != null
            && wanted.tls().equals(current.tls())
            && wanted.clients().http2() == current.clients().http2();
    return same ? Tls.REUSE : Tls.READ;
  }

  private static List<ListenerStep> listeners(GatewayConfig next, Map<String, Bound> bound) {
    List<ListenerStep> steps = new ArrayList<>();
    List<ListenerStep> late = new ArrayList<>();
    next.listeners()
        .forEach((name, listener) -> {
          ListenerStep step = step(name, listener.address(), bound);
          (step instanceof OpenLate ? late : steps).add(step);
        });
    bound.forEach((name, place) -> {
      if (!next.listeners().containsKey(name)) {
        steps.add(new Close(name));
      }
    });
    steps.addAll(late);
    return steps;
  }

  private static ListenerStep step(String name, HostPort wanted, Map<String, Bound> bound) {
    HostPort before = bound.getOrDefault(name, Bound.CLOSED).address();
    if (wanted.equals(before)) {
      return new Keep(name);
    }
    if (isTaken(wanted.port(), bound)) {
      return new OpenLate(name, wanted, before);
    }
    return before == null ? new Open(name, wanted) : new Move(name, wanted);
  }

  /** Whatever the host: one may be a name of the other, or stand for all of them. */
  private static boolean isTaken(int port, Map<String, Bound> bound) {
    return port != 0 && bound.values().stream().anyMatch(place -> place.port() == port);
  }
}
