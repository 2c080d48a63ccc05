/* The reference: a Modbus TCP server with libmodbus' own select loop. Prints its port, serves until killed. */
#include <arpa/inet.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <unistd.h>

int main(void)
{
    modbus_t *ctx = modbus_new_tcp("127.0.0.1", 0);
    modbus_mapping_t *map = modbus_mapping_new(0, 0, 4106, 4106);
    struct sockaddr_in bound;
    socklen_t size = sizeof bound;
    fd_set known, ready;
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    int listener, highest;

    if (!ctx || !map || (listener = modbus_tcp_listen(ctx, 16)) < 0)
        return EXIT_FAILURE;
    getsockname(listener, (struct sockaddr *) &bound, &size);
    printf("%d\n", ntohs(bound.sin_port));
    fflush(stdout);
    FD_ZERO(&known);
    FD_SET(listener, &known);
    highest = listener;
    for (;;) {
        ready = known;
        if (select(highest + 1, &ready, NULL, NULL, NULL) < 0)
            return EXIT_FAILURE;
        for (int s = 0; s <= highest; s++) {
            if (!FD_ISSET(s, &ready))
                continue;
            if (s == listener) {
                int client = accept(listener, NULL, NULL);
                if (client < 0 || client >= FD_SETSIZE)
                    continue;
                FD_SET(client, &known);
                if (client > highest)
                    highest = client;
                continue;
            }
            modbus_set_socket(ctx, s);
            int length = modbus_receive(ctx, query);
            if (length > 0) {
                modbus_reply(ctx, query, length, map);
            } else if (length < 0) {
                close(s);
                FD_CLR(s, &known);
            }
        }
    }
}
