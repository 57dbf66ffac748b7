package io.github.codetable.grpc;

import com.example.shop.v1.Order;
import com.example.shop.v1.Receipt;
import com.example.shop.v1.ShopCode;
import com.example.shop.v1.ShopGrpc;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A server whose handlers fail, and the channel to it. */
final class Shop implements AutoCloseable {
  static final CodeTable<ShopCode> TABLE = CodeTable.of(ShopCode.class);
  static final Metadata.Key<String> ACCEPT_LANGUAGE =
      Metadata.Key.of("accept-language", Metadata.ASCII_STRING_MARSHALLER);

  private final Server server;
  private final ManagedChannel channel;
  private final ClientInterceptor[] interceptors;

  private Shop(Server server, ManagedChannel channel, ClientInterceptor... interceptors) {
    this.server = server;
    this.channel = channel;
    this.interceptors = interceptors;
  }

  /** Starts a server. The first interceptor is the innermost. */
  static Shop start(Supplier<Throwable> failure, boolean thrown, ServerInterceptor... chain) {
    String name = InProcessServerBuilder.generateName();
    InProcessServerBuilder builder =
        InProcessServerBuilder.forName(name).addService(new Failing(failure, thrown));
    List.of(chain).forEach(builder::intercept);
    try {
      return new Shop(builder.build().start(), InProcessChannelBuilder.forName(name).build());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a server whose handlers call {@code onError}. */
  static Shop start(Throwable failure, ServerInterceptor... chain) {
    return start(() -> failure, false, chain);
  }

  Shop with(ClientInterceptor... more) {
    return new Shop(server, channel, more);
  }

  Shop speaking(String languages) {
    Metadata headers = new Metadata();
    headers.put(ACCEPT_LANGUAGE, languages);
    return with(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  io.grpc.Channel channel() {
    return ClientInterceptors.intercept(channel, interceptors);
  }

  /** Returns how a call of one kind fails. */
  Throwable fail(Way way) {
    return way.failure(channel());
  }

  Throwable fail() {
    return fail(Way.BLOCKING);
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    try {
      server.awaitTermination(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Fails each call. */
  private static final class Failing extends ShopGrpc.ShopImplBase {
    private final Supplier<Throwable> failure;
    private final boolean thrown;

    Failing(Supplier<Throwable> failure, boolean thrown) {
      this.failure = failure;
      this.thrown = thrown;
    }

    private void fail(StreamObserver<?> observer) {
      Throwable made = failure.get();
      if (!thrown) {
        observer.onError(made);
      } else if (made instanceof Error error) {
        throw error;
      } else {
        throw (RuntimeException) made;
      }
    }

    private StreamObserver<Order> failAtTheEnd(StreamObserver<Receipt> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(Order order) {}

        @Override
        public void onError(Throwable cancelled) {}

        @Override
        public void onCompleted() {
          fail(observer);
        }
      };
    }

    @Override
    public void buy(Order order, StreamObserver<Receipt> observer) {
      if (order.getArticle().equals("wait")) {
        Context.current().addListener(context -> {}, Runnable::run);
        return; // until the caller leaves
      }
      fail(observer);
    }

    @Override
    public void watch(Order order, StreamObserver<Receipt> observer) {
      fail(observer);
    }

    @Override
    public StreamObserver<Order> collect(StreamObserver<Receipt> observer) {
      return failAtTheEnd(observer);
    }

    @Override
    public StreamObserver<Order> talk(StreamObserver<Receipt> observer) {
      return failAtTheEnd(observer);
    }
  }
}
