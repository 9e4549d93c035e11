package io.scopegate.gateway.forward;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One look-up of the addresses of places. What is not found now is left out, unless nothing is
 * found.
 */
final class AddressLookUp {
  private final List<Target> targets;
  private final NameResolver names;
  private final EndpointSource.Answer answer;
  private final Map<String, EndpointAddress> all = new LinkedHashMap<>();
  private int open;
  private @Nullable Throwable cause;

  /** A place with its priority and weight, as in {@link EndpointAddress}. */
  record Target(UpstreamPlace place, int priority, int weight) {
    /** One like all others. */
    static Target of(UpstreamPlace place) {
      return new Target(place, 0, 1);
    }

    /** Whether nobody has to be asked where it is. */
    boolean isAddress() {
      return place.socket() != null || ip() != null;
    }

    private @Nullable InetAddress ip() {
      return NetUtil.createInetAddressFromIpAddressString(place.host());
    }

    /** Where it is, if it {@link #isAddress()}. */
    EndpointAddress address() {
      String socket = place.socket();
      return new EndpointAddress(
          place.toString(),
          socket != null
              ? UnixDomainSocketAddress.of(socket)
              : new InetSocketAddress(ip(), place.port()),
          false,
          priority,
          weight);
    }

    private EndpointAddress at(InetAddress found) {
      String text = NetUtil.toSocketAddressString(NetUtil.toAddressString(found), place.port());
      return new EndpointAddress(
          text, new InetSocketAddress(found, place.port()), false, priority, weight);
    }
  }

  /** Looks up; an address of two places counts as that of the lower priority. */
  static void start(List<Target> targets, NameResolver names, EndpointSource.Answer answer) {
    new AddressLookUp(targets, names, answer).start();
  }

  private AddressLookUp(List<Target> targets, NameResolver names, EndpointSource.Answer answer) {
    this.targets = targets;
    this.names = names;
    this.answer = answer;
    this.open = targets.size();
  }

  private void start() {
    for (Target target : targets) {
      if (target.isAddress()) {
        add(target.address());
        done();
      } else {
        names.resolve(target.place().host(), ips -> resolved(target, ips), this::missed);
      }
    }
  }

  private void resolved(Target target, List<InetAddress> ips) {
    ips.forEach(ip -> add(target.at(ip)));
    done();
  }

  private void missed(Throwable why) {
    cause = why;
    done();
  }

  private void add(EndpointAddress address) {
    EndpointAddress known = all.get(address.text());
    if (known == null || address.priority() < known.priority()) {
      all.put(address.text(), address);
    }
  }

  private void done() {
    if (--open > 0) {
      return;
    }
    if (!all.isEmpty()) {
      answer.found(List.copyOf(all.values()));
    } else {
      Throwable why = cause;
      answer.failed(why == null ? new UnknownHostException("no address") : why);
    }
  }
}
