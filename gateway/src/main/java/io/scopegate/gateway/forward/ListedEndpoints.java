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

/** Endpoints by name or address; a name stands for all its addresses. */
final class ListedEndpoints implements EndpointSource {
  private final List<UpstreamPlace> places;
  private final NameResolver names;

  ListedEndpoints(List<UpstreamPlace> places, NameResolver names) {
    this.places = List.copyOf(places);
    this.names = names;
  }

  @Override
  public @Nullable List<EndpointAddress> known() {
    return places.stream().allMatch(ListedEndpoints::isAddress)
        ? places.stream().map(ListedEndpoints::address).toList()
        : null;
  }

  private static boolean isAddress(UpstreamPlace place) {
    return place.socket() != null
        || NetUtil.createInetAddressFromIpAddressString(place.host()) != null;
  }

  private static EndpointAddress address(UpstreamPlace place) {
    String socket = place.socket();
    if (socket != null) {
      return new EndpointAddress(place.toString(), UnixDomainSocketAddress.of(socket), false);
    }
    InetAddress ip = NetUtil.createInetAddressFromIpAddressString(place.host());
    return new EndpointAddress(place.toString(), new InetSocketAddress(ip, place.port()), false);
  }

  @Override
  public void lookUp(Answer answer) {
    new LookUp(answer).start();
  }

  /** One look-up of all names. What is not found now is left out, unless nothing is found. */
  private final class LookUp {
    private final Answer answer;
    private final Map<String, EndpointAddress> all = new LinkedHashMap<>();
    private int open = places.size();
    private @Nullable Throwable cause;

    LookUp(Answer answer) {
      this.answer = answer;
    }

    void start() {
      for (UpstreamPlace place : places) {
        if (isAddress(place)) {
          add(address(place));
          done();
        } else {
          names.resolve(place.host(), ips -> resolved(place, ips), this::missed);
        }
      }
    }

    private void resolved(UpstreamPlace place, List<InetAddress> ips) {
      for (InetAddress ip : ips) {
        String text = NetUtil.toSocketAddressString(NetUtil.toAddressString(ip), place.port());
        add(new EndpointAddress(text, new InetSocketAddress(ip, place.port()), false));
      }
      done();
    }

    private void missed(Throwable why) {
      cause = why;
      done();
    }

    private void add(EndpointAddress address) {
      all.putIfAbsent(address.text(), address);
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
}
